import { Agent, fetch } from 'undici';
import type { Response } from 'undici';
import { refuse } from '../../refusal.ts';
import type { NetworkGate } from './network-grant.ts';
import { pinnedLookup } from './pinned-lookup.ts';

const MOST_REDIRECTS = 5;

/** One request to a granted host. */
export interface GuardedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` only, never where a redirect leads. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Follow redirects; each hop is checked like the first. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** An answer; its body can be read until `read` has ended. */
export interface GuardedResponse {
  readonly response: Response;
  /** Where it came from, after redirects. */
  readonly url: string;
}

/**
 * Makes a request within a grant: each host is resolved once, checked, and the connection made to the address that was
 * checked.
 * @throws ToolRefusal when a host, a redirect or an address is not granted, whatever the network throws otherwise
 */
export async function guardedFetch<Result>(
  gate: NetworkGate,
  request: GuardedRequest,
  read: (answer: GuardedResponse) => Promise<Result>,
): Promise<Result> {
  const origin = new URL(request.url).origin;
  let url = new URL(request.url);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const ended = await fetchOnce(gate, { request, url, origin }, read);
    if ('result' in ended) return ended.result;
    url = ended.next;
  }
  return refuse(`${request.url} redirects more than ${MOST_REDIRECTS} times.`);
}

interface Hop {
  readonly request: GuardedRequest;
  readonly url: URL;
  readonly origin: string;
}

async function fetchOnce<Result>(
  gate: NetworkGate,
  { request, url, origin }: Hop,
  read: (answer: GuardedResponse) => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly next: URL }> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse(`${url.protocol} addresses are not reached.`);
  if (url.username !== '' || url.password !== '')
    refuse('An address with a user name or a password in it is not reached.');
  const port = url.port === '' ? defaultPort(url) : Number(url.port);
  const addresses = await gate.addressesOf({ host: url.hostname, port }, request.signal);
  const dispatcher = new Agent({ connect: { lookup: pinnedLookup(addresses) } });
  try {
    const { method, body, signal } = request;
    const headers = { ...request.headers, ...(url.origin === origin ? request.secretHeaders : {}) };
    const init = { method, headers, redirect: 'manual' as const, dispatcher, signal };
    const response = await fetch(url, body === undefined ? init : { ...init, body }).catch((error: unknown) => {
      // The standard keeps a list of ports on which another protocol is spoken.
      if (error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port') {
        refuse(`HTTP is not spoken to port ${port}.`);
      }
      throw error;
    });
    const next = request.follow ? redirectOf(response, url) : undefined;
    if (next) return { next };
    return { result: await read({ response, url: url.href }) };
  } finally {
    await dispatcher.destroy();
  }
}

function redirectOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined;
  if (!URL.canParse(location, from.href)) refuse(`${from.href} redirects to "${location}", which is no address.`);
  return new URL(location, from);
}

function defaultPort({ protocol }: URL): number {
  return protocol === 'https:' ? 443 : 80;
}
