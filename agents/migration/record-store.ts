import type { JsonObject } from '../../contracts/json.ts';

/** A record: its key tells it from every other record of its store. */
export interface StoredRecord {
  readonly key: string;
  readonly value: JsonObject;
}

/** What stands at one place of a source: a record, or something that cannot be read as one. */
export type SourceItem =
  | { readonly ok: true; readonly at: string; readonly record: StoredRecord }
  | { readonly ok: false; readonly at: string; readonly problem: string };

/** A piece of a source. `next` is where the following piece begins; absent at the end. */
export interface SourcePage {
  readonly items: readonly SourceItem[];
  readonly next?: string;
}

/** Where records come from. It must not change its order while they are moved; markers are opaque. */
export interface RecordSource {
  /** For people, e.g. the path or address. */
  readonly name: string;
  page(from: string | undefined, limit: number, signal: AbortSignal): Promise<SourcePage>;
}

/** Where records go. An error other than `RecordRefusal` means that the store is broken: it is tried again. */
export interface RecordTarget {
  readonly name: string;
  /** Every record with one of these keys; the same key twice, where the store has it twice. */
  find(keys: readonly string[], signal: AbortSignal): Promise<StoredRecord[]>;
  /** Writes a record once for each idempotency key. @throws RecordRefusal where the store does not take it */
  put(record: StoredRecord, write: RecordWrite): Promise<void>;
  /** Removes every record of that key; none is no error. */
  remove(key: string, write: RecordWrite): Promise<void>;
}

export interface RecordWrite {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** A record that cannot be moved as it is: a finding, not a failure. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
}
