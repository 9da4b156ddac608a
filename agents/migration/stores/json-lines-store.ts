import { appendFile, open, readFile, rename } from 'node:fs/promises';
import type { JsonObject } from '../../../contracts/json.ts';
import type { RecordSource, RecordTarget, SourceItem, StoredRecord } from '../record-store.ts';

/** A file of one JSON object a line, and the field that is each record's key. */
export interface JsonLinesOptions {
  readonly file: string;
  /** Default `id`. */
  readonly key?: string;
}

/**
 * Records in a file, to read from or to write to. The whole file is read for each page: meant for files of some tens of
 * megabytes, and for one writing process.
 */
export function createJsonLinesStore({ file, key = 'id' }: JsonLinesOptions): RecordSource & RecordTarget {
  let writing: Promise<unknown> = Promise.resolve();
  /** One write after the other, whatever became of the one before. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = writing.then(work, work);
    writing = done;
    return done;
  };
  const records = async (): Promise<StoredRecord[]> =>
    (await itemsIn(file, key)).flatMap((item) => (item.ok ? [item.record] : []));
  return {
    name: file,
    page: async (from, limit) => {
      const items = await itemsIn(file, key, true);
      const start = from === undefined ? 0 : items.findIndex(({ at }) => at === from);
      if (start < 0) throw new Error(`${file} has no ${from ?? ''} any more: it has changed while it was read`);
      const next = items[start + limit]?.at;
      return { items: items.slice(start, start + limit), ...(next === undefined ? {} : { next }) };
    },
    find: async (keys) => {
      const wanted = new Set(keys);
      return (await records()).filter((record) => wanted.has(record.key));
    },
    put: (record) =>
      inTurn(async () => {
        // The key is what makes a repeated write the same one; the store has no memory of idempotency keys.
        if ((await records()).some((known) => known.key === record.key)) return;
        await appendFile(file, `${JSON.stringify({ ...record.value, [key]: record.key })}\n`, { flush: true });
      }),
    remove: (removed) =>
      inTurn(async () => {
        const lines = await linesOf(file);
        const kept = lines.filter((line, index) => {
          const item = itemOf(line, `line ${index + 1}`, key);
          return !(item.ok && item.record.key === removed);
        });
        if (kept.length < lines.length) await replaceFile(file, kept);
      }),
  };
}

async function itemsIn(file: string, key: string, mustExist = false): Promise<SourceItem[]> {
  const lines = await linesOf(file, mustExist);
  const items = lines.map((line, index) => ({ line, at: `line ${index + 1}` }));
  return items.filter(({ line }) => line.trim() !== '').map(({ line, at }) => itemOf(line, at, key));
}

function itemOf(line: string, at: string, key: string): SourceItem {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, at, problem: `it is no JSON: ${line.slice(0, 80)}` };
  }
  if (!isObject(value)) return { ok: false, at, problem: 'it is no JSON object' };
  const { [key]: given, ...rest } = value;
  const name = typeof given === 'number' ? String(given) : given;
  if (typeof name !== 'string' || name === '') return { ok: false, at, problem: `it has no "${key}"` };
  return { ok: true, at, record: { key: name, value: rest } };
}

async function linesOf(file: string, mustExist = false): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (!mustExist && error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

async function replaceFile(file: string, lines: readonly string[]): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(lines.map((line) => `${line}\n`).join(''));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
