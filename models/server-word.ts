import type { APIError } from 'openai';

import type { ModelTarget } from './model-target.ts';

/** What a server said about its error, as far as it said it. */
export interface ServerWord {
  readonly status: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly message: string;
  /** All of its words, with the parameter that it names; not for people. */
  readonly said: string;
}

const LONGEST_QUOTE = 400;

/** Reads an error's status and words, with the key kept out and the message kept short. */
export function wordOf(error: APIError, target: ModelTarget): ServerWord {
  const said = messageIn(error.error) ?? error.message.replace(/^\d{3} (status code \(no body\))?/, '');
  const message = withoutSecret(said, target);
  return {
    status: error.status,
    code: String(error.code ?? ''),
    type: error.type ?? '',
    message: shorten(message),
    said: [error.code, error.param, message].filter((part) => typeof part === 'string').join(' '),
  };
}

/** A text in one line of bounded length. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** Compatible servers wrap their message in several ways; the `openai` package knows one of them. */
function messageIn(body: unknown): string | undefined {
  if (typeof body === 'string' && body !== '') return body;
  if (typeof body !== 'object' || body === null) return undefined;
  for (const field of ['message', 'error', 'detail']) {
    const said = messageIn(Reflect.get(body, field));
    if (said !== undefined) return said;
  }
  return undefined;
}

/** A text without the API key, which some servers repeat. */
export function withoutSecret(text: string, { apiKey }: ModelTarget): string {
  return apiKey !== undefined && apiKey.length >= 8 ? text.replaceAll(apiKey, '[key]') : text;
}
