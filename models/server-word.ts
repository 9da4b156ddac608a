import type { APIError } from 'openai';

import { isObject } from '../contracts/json.ts';
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
const LONGEST_SAID = 4_000;

/** Reads an error's status and words, with the key kept out and the message kept short. */
export function wordOf(error: APIError, target: ModelTarget): ServerWord {
  const message = messageIn(error.error) ?? error.message.replace(/^\d{3} (status code \(no body\))?/, '');
  const word = wordFrom(error.error, message, target);
  return error.status === undefined ? word : { ...word, status: error.status };
}

/** Reads what a server says in the place of an answer; a status that stands in its words counts as one. */
export function wordIn(body: unknown, target: ModelTarget): ServerWord {
  const message = messageIn(body) ?? (body === undefined || body === '' ? '' : JSON.stringify(body));
  return wordFrom(body, message, target);
}

function wordFrom(body: unknown, words: string, target: ModelTarget): ServerWord {
  const fields = isObject(body) ? body : {};
  const { code, param, type } = fields;
  const message = withoutSecret(words, target);
  return {
    status: [code, fields['status'], fields['status_code']].map(Number).find(isErrorStatus),
    code: plain(code),
    type: plain(type),
    message: shorten(message),
    said: [code, param, message.slice(0, LONGEST_SAID)].filter((part) => typeof part === 'string').join(' '),
  };
}

function isErrorStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 400 && code < 600;
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A text in one line of bounded length. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

const WORDS = [
  'message',
  'error',
  'detail',
  'msg',
  'status_msg',
  'error_msg',
  'errmsg',
  'base_resp',
  'title',
  'reason',
];

/** Compatible servers wrap their message in several ways; the `openai` package knows one of them. */
function messageIn(body: unknown): string | undefined {
  if (typeof body === 'string') return body === '' ? undefined : body;
  if (Array.isArray(body)) return body.length === 0 ? undefined : JSON.stringify(body);
  if (!isObject(body)) return undefined;
  for (const field of WORDS) {
    const said = messageIn(body[field]);
    if (said !== undefined) return withCause(said, body);
  }
  return undefined;
}

/** A gateway says that a provider failed, and beside it what the provider said. */
function withCause(said: string, { metadata }: { readonly [name: string]: unknown }): string {
  const raw = isObject(metadata) ? metadata['raw'] : undefined;
  return typeof raw === 'string' && raw !== '' ? `${said}: ${raw}` : said;
}

/** A text without the API key, which some servers repeat. */
export function withoutSecret(text: string, { apiKey }: ModelTarget): string {
  return apiKey !== undefined && apiKey.length >= 8 ? text.replaceAll(apiKey, '[key]') : text;
}
