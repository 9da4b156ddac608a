import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import type { StoredRecord } from './record-store.ts';

const errorSchema = z.object({ at: z.string(), key: z.string().exactOptional(), problem: z.string() });
/** A record that was not moved, and why. */
export type RecordError = z.output<typeof errorSchema>;

/**
 * A batch in the journal. `open`: its keys are written down, its records perhaps not all; `verified`: each stands in
 * the target once, as it should; `mismatch`: some do not; `rolled-back`: none stands there, and it is done again.
 */
export const batchSchema = z.object({
  number: z.int().min(1),
  /** Markers of the source: where the batch begins, and where the next one does. Absent at the ends. */
  from: z.string().exactOptional(),
  next: z.string().exactOptional(),
  status: z.enum(['open', 'verified', 'mismatch', 'rolled-back']),
  /** Grows with every roll-back, so that a later write is not taken for the earlier one. */
  round: z.int().min(1),
  /** Items of the source. */
  read: z.int(),
  /** Keys that the target did not have: what the batch writes, and what a roll-back removes. */
  keys: z.array(z.string()),
  /** Records that the target had already, as they should be. */
  present: z.int(),
  errors: z.array(errorSchema),
  /** Over what was written, as it was meant to be. */
  checksum: z.string().exactOptional(),
  mismatch: z.string().exactOptional(),
});
export type Batch = z.output<typeof batchSchema>;

/** What became of all batches so far. `read` = `moved` + `present` + `refused`, once none is open. */
export interface Totals {
  readonly batches: number;
  readonly read: number;
  readonly moved: number;
  readonly present: number;
  readonly refused: number;
}

export function totalsOf(batches: readonly Batch[]): Totals {
  const sum = (count: (batch: Batch) => number): number => batches.reduce((total, batch) => total + count(batch), 0);
  return {
    batches: batches.length,
    read: sum(({ read }) => read),
    moved: sum((batch) => (batch.status === 'verified' ? batch.keys.length : 0)),
    present: sum(({ present }) => present),
    refused: sum(({ errors }) => errors.length),
  };
}

/** What is to be done next: a batch that is not done with, or the one after the last; nothing at the end. */
export type NextBatch =
  | { readonly kind: 'stuck'; readonly batch: Batch }
  | { readonly kind: 'again'; readonly batch: Batch }
  | { readonly kind: 'new'; readonly number: number; readonly from?: string }
  | { readonly kind: 'end' };

export function nextBatch(batches: readonly Batch[]): NextBatch {
  const stuck = batches.find(({ status }) => status === 'mismatch');
  if (stuck) return { kind: 'stuck', batch: stuck };
  const again = batches.find(({ status }) => status === 'open' || status === 'rolled-back');
  if (again) return { kind: 'again', batch: again };
  const last = batches.at(-1);
  if (!last) return { kind: 'new', number: 1 };
  return last.next === undefined ? { kind: 'end' } : { kind: 'new', number: last.number + 1, from: last.next };
}

/** How what stands in the target differs from what should; nothing where it does not. */
export function mismatchOf(expected: readonly StoredRecord[], found: readonly StoredRecord[]): string | undefined {
  const copies = new Map<string, StoredRecord[]>();
  for (const record of found) copies.set(record.key, [...(copies.get(record.key) ?? []), record]);
  const missing = expected.filter(({ key }) => !copies.has(key));
  const twice = expected.filter(({ key }) => (copies.get(key)?.length ?? 0) > 1);
  const different = expected.filter((record) => {
    const [only, ...others] = copies.get(record.key) ?? [];
    return only !== undefined && others.length === 0 && !isSame(only, record);
  });
  const parts = [named('missing', missing), named('twice', twice), named('different', different)];
  const told = parts.filter((part) => part !== '').join('; ');
  return told === '' ? undefined : told;
}

const SHOWN_KEYS = 5;

function named(what: string, records: readonly StoredRecord[]): string {
  if (records.length === 0) return '';
  const keys = records.slice(0, SHOWN_KEYS).map(({ key }) => key);
  return `${records.length} ${what} (${keys.join(', ')}${records.length > SHOWN_KEYS ? ', …' : ''})`;
}

export function isSame(one: StoredRecord, other: StoredRecord): boolean {
  return one.key === other.key && canonical(one.value) === canonical(other.value);
}

/** The same for the same records, in whatever order they and their fields come. */
export function checksumOf(records: readonly StoredRecord[]): string {
  const lines = records.map(({ key, value }) => `${JSON.stringify(key)} ${canonical(value)}`).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value).toSorted();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonical(value[field] ?? null)}`).join(',')}}`;
}
