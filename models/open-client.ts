import { OpenAI } from 'openai';

export interface ClientOptions {
  /** May be empty for a server that asks for none. */
  readonly apiKey: string;
  readonly baseURL?: string | undefined;
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A client of the `openai` package that never retries, never logs, and lets us read every server's errors. */
export function openClient({ apiKey, baseURL, timeoutMs, headers }: ClientOptions): OpenAI {
  return new OpenAI({
    apiKey: apiKey || 'none',
    ...(baseURL !== undefined ? { baseURL } : {}),
    ...(headers ? { defaultHeaders: { ...headers } } : {}),
    // Temporal retries; two brains would multiply the attempts.
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    fetch: fetchReadably,
  });
}

/** The `openai` package drops an error body that is not wrapped in `error`, as several servers send it. */
async function fetchReadably(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status < 400) return response;
  const { status, statusText, headers } = response;
  return new Response(wrapped(await response.text()), { status, statusText, headers });
}

function wrapped(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const isBare = typeof body === 'object' && body !== null && !('error' in body);
    return isBare ? JSON.stringify({ error: body }) : text;
  } catch {
    return text;
  }
}
