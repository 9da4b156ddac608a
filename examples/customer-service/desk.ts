import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseBody } from '../json-http.ts';
import { readCustomerData } from './customer-data.ts';
import { apply, emptyState } from './domain.ts';
import { openDurableLog } from './durable-log.ts';
import { createLedger, ledgerEntrySchema, type Ledger, type LedgerEntry } from './ledger.ts';
import { decide, rejected, type Reply } from './routes.ts';

/** A request as it came in. */
export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly text: string;
  readonly idempotencyKey: string | null;
}

/** Where requests are decided and recorded, one after the other. */
export interface Desk {
  readonly ledger: Ledger;
  /** Resolves once the request and its effect are on the disk. `failWith`: fail with this status, before any effect. */
  take(received: Received, failWith?: number): Promise<LedgerEntry>;
  /** After everything taken before. */
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly dataDir: string;
  readonly uploads: string;
  readonly warn: (message: string) => void;
}

interface Judgement {
  readonly reply: Reply;
  readonly outcome: LedgerEntry['outcome'];
}

/** Opens the desk where it was left: everything recorded is there again. */
export async function openDesk({ dataDir, uploads, warn }: DeskOptions): Promise<Desk> {
  const state = emptyState();
  const ledger = createLedger();
  const record = (entry: LedgerEntry): void => {
    ledger.add(entry);
    if (entry.effect) apply(state, entry.effect);
  };
  const log = await openDurableLog({ file: join(dataDir, 'ledger.jsonl'), parse: parseEntry, replay: record, warn });
  const judge = async (received: Received): Promise<Judgement> => {
    const earlier = received.idempotencyKey === null ? undefined : ledger.answered(received.idempotencyKey);
    if (earlier) return repetition(earlier, received);
    const { method, url, text } = received;
    const asked = { method, path: url.pathname, query: url.searchParams, body: parseBody(text), now: new Date() };
    const reply = await decide(state, { ...asked, readData: (source) => readCustomerData(source, uploads) });
    return { reply, outcome: reply.status < 400 ? 'done' : 'rejected' };
  };
  const carryOut = async (received: Received, failWith: number | undefined): Promise<LedgerEntry> => {
    const judged = failWith === undefined ? await judge(received) : injected(failWith);
    const entry = entryOf(received, judged, ledger.entries.length + 1);
    await log.append(entry);
    record(entry);
    return entry;
  };
  const oneAtATime = createQueue();
  return {
    ledger,
    take: (received, failWith) => oneAtATime(() => carryOut(received, failWith)),
    close: () => oneAtATime(() => log.close()),
  };
}

function parseEntry(line: unknown): LedgerEntry {
  return ledgerEntrySchema.parse(line);
}

function injected(status: number): Judgement {
  return { reply: rejected(status, 'injected fault'), outcome: 'rejected' };
}

function repetition(earlier: LedgerEntry, received: Received): Judgement {
  const same =
    earlier.method === received.method &&
    earlier.path === received.url.pathname + received.url.search &&
    earlier.bodyHash === hashOf(received.text);
  if (same) return { reply: { status: earlier.status, body: earlier.answer }, outcome: 'repeated' };
  const message = `idempotency key ${earlier.idempotencyKey ?? ''} was used for another request`;
  return { reply: rejected(422, message), outcome: 'rejected' };
}

function entryOf(received: Received, { reply, outcome }: Judgement, number: number): LedgerEntry {
  return {
    number,
    at: new Date().toISOString(),
    method: received.method,
    path: received.url.pathname + received.url.search,
    bodyHash: hashOf(received.text),
    idempotencyKey: received.idempotencyKey,
    outcome,
    status: reply.status,
    answer: reply.body,
    ...(reply.effect ? { effect: reply.effect } : {}),
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Runs one step after the other, so that deciding and recording are one. */
function createQueue(): <Value>(step: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const next = last.then(step);
    last = next.catch(() => undefined);
    return next;
  };
}
