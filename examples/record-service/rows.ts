import { z } from 'zod';

const jsonObject = z.record(z.string(), z.json());

/** What happened to the service's rows: a line of its ledger. */
export const rowEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('created'),
    row: z.int(),
    key: z.string(),
    value: jsonObject,
    idempotencyKey: z.string().nullable(),
    /** The write was acknowledged and then lost: a fault, injected to be found. */
    lost: z.literal(true).exactOptional(),
  }),
  z.object({ type: z.literal('repeated'), idempotencyKey: z.string() }),
  z.object({ type: z.literal('removed'), key: z.string(), rows: z.array(z.int()) }),
  z.object({ type: z.literal('refused'), key: z.string(), error: z.string() }),
]);
export type RowEvent = z.output<typeof rowEventSchema>;

/** What a write must look like. */
export const newRowSchema = z.object({
  key: z.string().min(1).max(200),
  value: z
    .object({ name: z.string().min(1, 'a name is needed'), email: z.email('no e-mail address') })
    .catchall(z.json()),
});

export interface Row {
  readonly row: number;
  readonly key: string;
  readonly value: Readonly<Record<string, z.core.util.JSONType>>;
}

/** What the ledger says in numbers. `twice`: keys that more than one row has now. */
export interface RowSummary {
  readonly created: number;
  readonly repeated: number;
  readonly removed: number;
  readonly refused: number;
  readonly rows: number;
  readonly twice: number;
}

/** The rows as the ledger left them. A row is made for every write with a new idempotency key, whatever its record's key. */
export interface Rows {
  apply(event: RowEvent): void;
  /** Was a write with this idempotency key carried out before? */
  knows(idempotencyKey: string): boolean;
  withKeys(keys: ReadonlySet<string>): Row[];
  /** Rows from a number on. */
  page(from: number, limit: number): { readonly rows: readonly Row[]; readonly next?: number };
  nextRow(): number;
  summary(): RowSummary;
}

export function createRows(): Rows {
  const rows = new Map<number, Row>();
  const known = new Set<string>();
  const counts = { created: 0, repeated: 0, removed: 0, refused: 0 };
  let last = 0;
  return {
    apply: (event) => {
      counts[event.type] += event.type === 'removed' ? event.rows.length : 1;
      if (event.type === 'created') {
        last = event.row;
        if (event.idempotencyKey !== null) known.add(event.idempotencyKey);
        if (!event.lost) rows.set(event.row, { row: event.row, key: event.key, value: event.value });
      }
      if (event.type === 'removed') for (const row of event.rows) rows.delete(row);
    },
    knows: (idempotencyKey) => known.has(idempotencyKey),
    withKeys: (keys) => [...rows.values()].filter(({ key }) => keys.has(key)),
    page: (from, limit) => {
      const beyond = [...rows.values()].filter(({ row }) => row >= from);
      const next = beyond[limit]?.row;
      return { rows: beyond.slice(0, limit), ...(next === undefined ? {} : { next }) };
    },
    nextRow: () => last + 1,
    summary: () => {
      const copies = new Map<string, number>();
      for (const { key } of rows.values()) copies.set(key, (copies.get(key) ?? 0) + 1);
      const twice = [...copies.values()].filter((count) => count > 1).length;
      return { ...counts, rows: rows.size, twice };
    },
  };
}
