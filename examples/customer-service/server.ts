import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { closeServer, headerOf, listenOn, LONGEST_BODY, parseBody, readBody, sendJson } from '../json-http.ts';
import { openDesk, type Desk } from './desk.ts';
import { createFaults, faultSchema, type Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';

export interface CustomerServiceOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** Address to listen on. Default: loopback. */
  readonly host?: string;
  /** Where the log is kept; made when missing. */
  readonly dataDir: string;
  /** Where the files lie that customers uploaded. Default: the example's own. */
  readonly uploads?: string;
  /** Default: a line on stderr. */
  readonly warn?: (message: string) => void;
}

export interface CustomerService {
  readonly url: string;
  readonly ledger: Ledger;
  /** Answers what has been received, then closes. */
  close(): Promise<void>;
}

/** Starts the customer service on loopback, where its log left off. */
export async function startCustomerService(options: CustomerServiceOptions): Promise<CustomerService> {
  const { dataDir, uploads = fileURLToPath(new URL('uploads', import.meta.url)) } = options;
  const warn = options.warn ?? ((message) => void process.stderr.write(`${message}\n`));
  await mkdir(dataDir, { recursive: true });
  const desk = await openDesk({ dataDir, uploads, warn });
  const faults = createFaults();
  const server = createServer((request, response) => {
    serve({ request, response, faults, desk }).catch((error: unknown) => {
      warn(`${request.method ?? ''} ${request.url ?? ''}: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'the service could not keep a record of this request' });
    });
  });
  const url = await listenOn(server, options.port ?? 0, options.host);
  const close = async (): Promise<void> => {
    await closeServer(server);
    await desk.close();
  };
  return { url, ledger: desk.ledger, close };
}

interface Serving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly faults: Faults;
  readonly desk: Desk;
}

async function serve({ request, response, faults, desk }: Serving): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://localhost');
  const text = await readBody(request);
  if (text === undefined) return sendJson(response, 413, { error: `the body is larger than ${LONGEST_BODY} bytes` });
  if (url.pathname === '/ledger') return sendJson(response, 200, { entries: desk.ledger.entries });
  if (url.pathname === '/ledger/summary') return sendJson(response, 200, desk.ledger.summary());
  if (url.pathname === '/faults' && method === 'POST') return addFault(response, faults, text);
  const fault = faults.take({ method, path: url.pathname, header: headerOf(request, 'x-fault') });
  const idempotencyKey = headerOf(request, 'idempotency-key') ?? null;
  const failWith = fault?.kind === 'status' ? fault.status : undefined;
  const entry = await desk.take({ method, url, text, idempotencyKey }, failWith);
  if (fault?.kind === 'delay') await delay(fault.delayMs);
  if (fault?.kind === 'drop') return void request.socket.destroy();
  return sendJson(response, entry.status, entry.answer);
}

function addFault(response: ServerResponse, faults: Faults, text: string): void {
  const parsed = faultSchema.safeParse(parseBody(text));
  if (!parsed.success) return sendJson(response, 422, { error: parsed.error.message });
  faults.add(parsed.data);
  return sendJson(response, 201, parsed.data);
}
