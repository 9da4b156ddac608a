import type { Batch, NextBatch, RecordError } from './batch.ts';
import { checksumOf, isSame, mismatchOf } from './batch.ts';
import type { MigrationJournal } from './journal.ts';
import type { RecordSource, RecordTarget, SourceItem, StoredRecord } from './record-store.ts';
import { RecordRefusal } from './record-store.ts';

/** What a migration works on. */
export interface Migration {
  readonly source: RecordSource;
  readonly target: RecordTarget;
  readonly journal: MigrationJournal;
  /** A record as the target wants it. Default: as it is. @throws RecordRefusal where it cannot be */
  readonly transform?: (record: StoredRecord) => StoredRecord;
  /** Records of one batch. */
  readonly batchSize: number;
  /** Begins the idempotency keys; another migration into the same target has another name. */
  readonly name: string;
}

/** A record and where it stands in the source. */
interface Located {
  readonly at: string;
  readonly record: StoredRecord;
}

/** A batch ready to be written: what its keys stand for. */
interface Prepared {
  readonly batch: Batch;
  readonly records: readonly Located[];
}

/** Moves one batch and verifies it; what an earlier attempt at it has begun is finished. */
export async function moveBatch(
  migration: Migration,
  next: Extract<NextBatch, { kind: 'new' | 'again' }>,
  signal: AbortSignal,
): Promise<Batch> {
  const { journal } = migration;
  const prepared = await prepare(migration, next, signal);
  await journal.save({ type: 'batch', batch: prepared.batch });
  const written = await write(migration, prepared, signal);
  const verified = await verify(migration, written, signal);
  await journal.save({ type: 'batch', batch: verified });
  return verified;
}

/** Reads the batch's piece of the source and sorts it: to be written, there already, not to be moved. */
async function prepare(
  migration: Migration,
  next: Extract<NextBatch, { kind: 'new' | 'again' }>,
  signal: AbortSignal,
): Promise<Prepared> {
  const { source, target, batchSize } = migration;
  const begun = next.kind === 'again' ? next.batch : undefined;
  const { number, from } = next.kind === 'again' ? next.batch : next;
  const page = await source.page(from, begun?.read ?? batchSize, signal);
  const { records, errors } = sortItems(page.items, migration);
  const known = await target.find(
    records.map(({ record }) => record.key),
    signal,
  );
  const held = new Map(known.map((record) => [record.key, record]));
  // An open batch wrote its keys down before it wrote anything: what stands in the target may be its own.
  const own = new Set(begun?.status === 'open' ? begun.keys : []);
  checkUnchanged(source, records, own);
  const isOurs = ({ key }: StoredRecord): boolean => own.has(key) || !held.has(key);
  const ours = records.filter(({ record }) => isOurs(record));
  const others = records.filter(({ record }) => !isOurs(record));
  const conflicts = others.filter(({ record }) => !isSame(held.get(record.key) ?? record, record));
  const batch: Batch = {
    number,
    ...(from === undefined ? {} : { from }),
    ...(page.next === undefined ? {} : { next: page.next }),
    status: 'open',
    round: begun?.round ?? 1,
    read: page.items.length,
    keys: ours.map(({ record }) => record.key),
    present: others.length - conflicts.length,
    errors: [
      ...errors,
      ...conflicts.map(({ at, record: { key } }) => ({
        at,
        key,
        problem: 'the target holds another record of this key',
      })),
    ],
  };
  return { batch, records: ours };
}

/** @throws Error where a record that may be written already is not in the source any more: nobody would remove it */
function checkUnchanged(source: RecordSource, records: readonly Located[], own: ReadonlySet<string>): void {
  const present = new Set(records.map(({ record }) => record.key));
  const gone = [...own].filter((key) => !present.has(key));
  if (gone.length === 0) return;
  throw new Error(
    `${source.name} has changed: ${gone.slice(0, 5).join(', ')} is gone. Restore it, or roll the batch back.`,
  );
}

function sortItems(items: readonly SourceItem[], { transform = (record) => record }: Migration) {
  const records: Located[] = [];
  const errors: RecordError[] = [];
  for (const item of items) {
    if (!item.ok) {
      errors.push({ at: item.at, problem: item.problem });
      continue;
    }
    const { at } = item;
    try {
      const record = transform(item.record);
      const earlier = records.find((one) => one.record.key === record.key);
      if (earlier) errors.push({ at, key: record.key, problem: `its key stands at ${earlier.at} already` });
      else records.push({ at, record });
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      errors.push({ at, key: item.record.key, problem: error.message });
    }
  }
  return { records, errors };
}

/** Writes what is to be written; what the target refuses becomes an error of the batch. */
async function write(
  { target, name }: Migration,
  { batch, records }: Prepared,
  signal: AbortSignal,
): Promise<Prepared> {
  const refused: RecordError[] = [];
  for (const { at, record } of records) {
    signal.throwIfAborted();
    const idempotencyKey = `${name}:r${batch.round}:${record.key}`;
    try {
      await target.put(record, { idempotencyKey, signal });
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      refused.push({ at, key: record.key, problem: error.message });
    }
  }
  const gone = new Set(refused.map(({ key }) => key));
  return {
    batch: { ...batch, keys: batch.keys.filter((key) => !gone.has(key)), errors: [...batch.errors, ...refused] },
    records: records.filter(({ record }) => !gone.has(record.key)),
  };
}

/** Looks into the target whether every record of the batch stands there once, as it should. */
async function verify({ target }: Migration, { batch, records }: Prepared, signal: AbortSignal): Promise<Batch> {
  const found = await target.find(batch.keys, signal);
  const expected = records.map(({ record }) => record);
  const mismatch = mismatchOf(expected, found);
  const checksum = checksumOf(expected);
  if (mismatch === undefined && checksumOf(found) === checksum) return { ...batch, status: 'verified', checksum };
  return { ...batch, status: 'mismatch', checksum, mismatch: mismatch ?? 'the checksums differ' };
}

/** Removes what a batch has written. It is done again when the migration goes on. */
export async function rollBackBatch(migration: Migration, batch: Batch, signal: AbortSignal): Promise<Batch> {
  const { target, journal, name } = migration;
  for (const key of batch.keys) {
    signal.throwIfAborted();
    await target.remove(key, { idempotencyKey: `${name}:r${batch.round}:remove:${key}`, signal });
  }
  const left = await target.find(batch.keys, signal);
  if (left.length > 0) throw new Error(`${left.length} records of batch ${batch.number} are still in ${target.name}`);
  const { checksum: _checksum, mismatch: _mismatch, ...rest } = batch;
  const rolledBack: Batch = { ...rest, status: 'rolled-back', round: batch.round + 1, keys: [] };
  await journal.save({ type: 'batch', batch: rolledBack });
  return rolledBack;
}
