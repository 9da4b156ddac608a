import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { freePort } from '../../local/free-port.ts';
import { ConfigError } from '../../worker/index.ts';

/** Why a worker should be given no work now; nothing where it should. */
export type Unready = string | undefined;

/** What a worker shows of itself over HTTP: `/live`, `/ready` and `/metrics`. */
export interface Monitor {
  /** Where the SDK's runtime has to serve its numbers; they are passed on from there. */
  readonly numbersAt: string;
  /** From now on this is asked whenever somebody wants to know whether the worker is ready. */
  watch(unready: () => Promise<Unready>): void;
  close(): Promise<void>;
}

const PASSED_ON_WITHIN_MS = 10_000;
const STARTING = 'it is starting';

/**
 * Serves the three pages from the start of the process on, so that a slow start is told from a dead one.
 * @param address `host:port`
 * @throws ConfigError where the address cannot be had
 */
export async function openMonitor(address: string): Promise<Monitor> {
  const numbersAt = `127.0.0.1:${await freePort()}`;
  let unready = async (): Promise<Unready> => STARTING;
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/live': async () => ({ status: 200, body: { live: true } }),
    '/ready': async () => readyPage(await unready().catch(reasonOf)),
    '/metrics': () => numbersPage(`http://${numbersAt}/metrics`),
  };
  const server = createServer((request, response) => void answer(pages, request, response));
  await listen(server, address);
  return {
    numbersAt,
    watch: (asked) => {
      unready = asked;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Page {
  readonly status: number;
  /** An object is told as JSON, a text as it is. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

async function answer(
  pages: Readonly<Record<string, () => Promise<Page>>>,
  { url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = url.split('?');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const notFound = { status: 404, body: { error: `There is ${Object.keys(pages).join(', ')}.` } };
  const { status, body } = (await page?.()) ?? notFound;
  const type = typeof body === 'string' ? 'text/plain; version=0.0.4' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
}

function readyPage(why: Unready): Page {
  return why === undefined
    ? { status: 200, body: { ready: true } }
    : { status: 503, body: { ready: false, because: why } };
}

async function numbersPage(url: string): Promise<Page> {
  try {
    const told = await fetch(url, { signal: AbortSignal.timeout(PASSED_ON_WITHIN_MS) });
    return { status: told.status, body: await told.text() };
  } catch (error) {
    return { status: 503, body: { error: `The numbers are not there yet: ${reasonOf(error)}` } };
  }
}

async function listen(server: Server, address: string): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || 80, exclusive: true }, resolve);
    });
  } catch (error) {
    throw new ConfigError(
      `Metrics cannot be served at ${address} (${reasonOf(error)}). ` +
        'Set WAYMARK_METRICS to an address that is free: each worker process needs its own.',
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
