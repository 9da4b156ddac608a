import type { Redis } from 'ioredis';
import type { MemoryIndex } from './memory-index.ts';
import { FIELD, READ_FIELDS } from './memory-fields.ts';
import { runPipeline } from './run-pipeline.ts';
import type { AngleFindings } from './search-memories.ts';
import { vectorFields } from './vector-space.ts';

/** A memory that a search found: its fields as they stand in Redis, to be ranked by and, if it comes back, read from. */
export interface Candidate {
  readonly key: string;
  readonly fields: ReadonlyMap<string, Buffer>;
}

/**
 * What searches found, each memory once, in one round trip: the same memory is found by most of the searches, and their
 * answers would each bring its vectors. One that has gone meanwhile is left out.
 */
export async function readCandidates(
  redis: Redis,
  {
    index,
    findings,
    window,
  }: {
    readonly index: MemoryIndex;
    readonly findings: readonly AngleFindings[];
    /** Also what surrounds them. */
    readonly window: boolean;
  },
): Promise<Candidate[]> {
  const found = findings.flatMap(({ nearest, worded, surrounded }) => [nearest, worded, surrounded]);
  const keys = new Set(found.flatMap((one) => [...one.keys()]));
  const stored = vectorFields(index.current);
  // Whatever the model's generation, what reads the answer knows its vectors by one name.
  const near = window
    ? { asked: [...READ_FIELDS, FIELD.context, stored.window], names: [...READ_FIELDS, FIELD.context, FIELD.window] }
    : { asked: READ_FIELDS, names: READ_FIELDS };
  const other = { asked: [...near.asked, stored.vector], names: [...near.names, FIELD.vector] };
  // How far it is from every angle, the searches have said; otherwise it is reckoned here.
  const isNear = (key: string): boolean => findings.every(({ nearest }) => nearest.has(key));
  return read(
    redis,
    [...keys].map((key) => ({ key, ...(isNear(key) ? near : other) })),
  );
}

/** The same for memories that nothing was asked about. */
export async function readPlain(redis: Redis, keys: readonly string[]): Promise<Candidate[]> {
  return read(
    redis,
    keys.map((key) => ({ key, asked: READ_FIELDS, names: READ_FIELDS })),
  );
}

async function read(
  redis: Redis,
  wanted: readonly { readonly key: string; readonly asked: readonly string[]; readonly names: readonly string[] }[],
): Promise<Candidate[]> {
  if (wanted.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { key, asked } of wanted) pipeline.hmgetBuffer(key, ...asked);
  const rows = await runPipeline(pipeline);
  return wanted.flatMap(({ key, names }, at) => {
    const row = rows[at];
    const values: unknown[] = Array.isArray(row) ? row : [];
    const fields = new Map(
      names.flatMap((name, place) => {
        const value = values[place];
        return Buffer.isBuffer(value) ? [[name, value] as const] : [];
      }),
    );
    return fields.size === 0 ? [] : [{ key, fields }];
  });
}
