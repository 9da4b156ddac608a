import { retryAfterMs } from '../retry-after.ts';

const LONGEST_BODY = 300;

/** A server has answered a message over HTTP with a status that says no. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  /** Milliseconds after which it may be asked again, where it says. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, { body, headers }: { readonly body: string; readonly headers: Headers }) {
    super(`HTTP ${status}${body === '' ? '' : `: ${body}`}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs(headers.get('retry-after'));
  }
}

/**
 * `fetch` for messages to a server at `url`, which tells the status and the server's words where the SDK would leave one
 * out. Where somebody says who calls (`authorized`), answers that ask for it are the SDK's to read.
 */
export function fetchMessages(url: URL, authorized: boolean): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const isMessage = init?.method === 'POST' && String(input instanceof Request ? input.url : input) === url.href;
    const forTheSdk = response.status < 400 || (authorized && [401, 403].includes(response.status));
    if (!isMessage || forTheSdk) return response;
    const body = wordsIn(await response.text().catch(() => ''));
    throw new HttpRefusal(response.status, { body, headers: response.headers });
  };
}

/** What a body says: the message of a JSON-RPC error, or its beginning. */
function wordsIn(body: string): string {
  const flat = (messageIn(body) ?? body).replaceAll(/\s+/g, ' ').trim();
  return (flat.length > LONGEST_BODY ? `${flat.slice(0, LONGEST_BODY)}…` : flat).toWellFormed().replace(/\.$/, '');
}

function messageIn(body: string): string | undefined {
  try {
    const message: unknown = Object(Object(JSON.parse(body)).error).message;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
