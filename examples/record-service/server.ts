import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { openDurableLog } from '../customer-service/durable-log.ts';
import type { DurableLog } from '../customer-service/durable-log.ts';
import { closeServer, headerOf, listenOn, LONGEST_BODY, parseBody, readBody, sendJson } from '../json-http.ts';
import { createRows, newRowSchema, rowEventSchema, type RowEvent, type Rows, type RowSummary } from './rows.ts';

export interface RecordServiceOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** Where the ledger is kept; made when missing. */
  readonly dataDir: string;
  /** What each write takes beside the disk, in milliseconds. Default 0. */
  readonly writeMs?: number;
}

export interface RecordService {
  readonly url: string;
  readonly summary: () => RowSummary;
  close(): Promise<void>;
}

/**
 * Starts a service that keeps records and honours idempotency keys, but does not mind two rows of one key: who writes
 * twice is seen. `POST /faults {"lose": KEY}` makes it acknowledge and lose the next write of that key, `{"fail": N}`
 * answer the next N requests with 503.
 */
export async function startRecordService(options: RecordServiceOptions): Promise<RecordService> {
  await mkdir(options.dataDir, { recursive: true });
  const rows = createRows();
  const log = await openDurableLog({
    file: join(options.dataDir, 'ledger.jsonl'),
    parse: (line) => rowEventSchema.parse(line),
    replay: (event) => rows.apply(event),
    warn: (message) => void process.stderr.write(`${message}\n`),
  });
  const desk: Desk = { rows, log, faults: { lose: new Set(), fail: 0 }, writeMs: options.writeMs ?? 0 };
  let turn: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    // One request after the other: what is decided from the rows is written before the next looks at them.
    turn = turn.then(() => serve(desk, request, response)).catch(() => sendJson(response, 500, { error: 'broken' }));
  });
  const url = await listenOn(server, options.port ?? 0);
  return {
    url,
    summary: () => rows.summary(),
    close: async () => {
      await closeServer(server);
      await log.close();
    },
  };
}

interface Desk {
  readonly rows: Rows;
  readonly log: DurableLog;
  readonly faults: { readonly lose: Set<string>; fail: number };
  readonly writeMs: number;
}

const faultSchema = z.object({ lose: z.string().exactOptional(), fail: z.int().exactOptional() });

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const text = await readBody(request);
  if (text === undefined) return sendJson(response, 413, { error: `the body is larger than ${LONGEST_BODY} bytes` });
  const route = `${request.method ?? 'GET'} ${url.pathname}`;
  if (route === 'GET /ledger/summary') return sendJson(response, 200, desk.rows.summary());
  if (route === 'POST /faults') {
    const { lose, fail = 0 } = faultSchema.parse(parseBody(text));
    if (lose !== undefined) desk.faults.lose.add(lose);
    desk.faults.fail += fail;
    return sendJson(response, 201, {});
  }
  if (desk.faults.fail > 0) {
    desk.faults.fail -= 1;
    return sendJson(response, 503, { error: 'out of order' });
  }
  if (route === 'GET /records') return page(desk, url.searchParams, response);
  if (route === 'POST /find') {
    const { keys } = z.object({ keys: z.array(z.string()).max(1_000) }).parse(parseBody(text));
    return sendJson(response, 200, { records: desk.rows.withKeys(new Set(keys)).map(shown) });
  }
  if (route === 'POST /records') return create(desk, { text, request, response });
  if (request.method === 'DELETE' && url.pathname.startsWith('/records/')) {
    return remove(desk, decodeURIComponent(url.pathname.slice('/records/'.length)), response);
  }
  return sendJson(response, 404, { error: `there is no ${route}` });
}

function page({ rows }: Desk, query: URLSearchParams, response: ServerResponse): void {
  const from = Number(query.get('from') ?? '1');
  const found = rows.page(from, Math.min(Number(query.get('limit') ?? '100'), 1_000));
  const next = found.next === undefined ? {} : { next: String(found.next) };
  sendJson(response, 200, { records: found.rows.map(shown), ...next });
}

async function create(
  desk: Desk,
  { text, request, response }: { text: string; request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { rows, faults } = desk;
  if (desk.writeMs > 0) await delay(desk.writeMs);
  const body = parseBody(text);
  const parsed = newRowSchema.safeParse(body);
  if (!parsed.success) {
    const error = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    const key = z.object({ key: z.string() }).safeParse(body).data?.key ?? '';
    await happen(desk, { type: 'refused', key, error });
    return sendJson(response, 422, { error });
  }
  const { key, value } = parsed.data;
  const idempotencyKey = headerOf(request, 'idempotency-key') ?? null;
  if (idempotencyKey !== null && rows.knows(idempotencyKey)) {
    await happen(desk, { type: 'repeated', idempotencyKey });
    return sendJson(response, 200, { key });
  }
  const lost = faults.lose.delete(key) ? { lost: true as const } : {};
  await happen(desk, { type: 'created', row: rows.nextRow(), key, value, idempotencyKey, ...lost });
  return sendJson(response, 201, { key });
}

async function remove(desk: Desk, key: string, response: ServerResponse): Promise<void> {
  const rows = desk.rows.withKeys(new Set([key])).map(({ row }) => row);
  await happen(desk, { type: 'removed', key, rows });
  sendJson(response, 200, { removed: rows.length });
}

/** Written down first: a crash loses an answer, never a row that was acknowledged. */
async function happen({ log, rows }: Desk, event: RowEvent): Promise<void> {
  await log.append(event);
  rows.apply(event);
}

function shown({ key, value }: { readonly key: string; readonly value: object }) {
  return { key, value };
}
