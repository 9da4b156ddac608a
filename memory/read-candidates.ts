import type { Redis } from 'ioredis';
import { FIELD, READ_FIELDS, reading } from './memory-fields.ts';
import type { Read } from './memory-fields.ts';
import type { MemoryIndex } from './memory-index.ts';
import { runPipeline } from './run-pipeline.ts';
import { vectorFields } from './vector-space.ts';
import { decodeDirection, decodeVector } from './vectors.ts';
import type { VectorType } from './vectors.ts';

/** A memory that a search found, as it stands in Redis: to be ranked by and, if it comes back, read from. */
export interface Candidate {
  readonly key: string;
  readonly read: Read;
  /** Words of what surrounds it. */
  readonly context: string;
  /** Absent where it was not embedded yet, or how near it is was known. */
  readonly vector: Float32Array | undefined;
  /** Of the text within its surroundings. */
  readonly around: Int8Array | undefined;
}

/**
 * Reads memories in few values, because a client takes longer for taking an answer of a thousand values apart than the
 * server for giving it. KEYS memories. ARGV how many of the first come without their vector, its field, the fields of text,
 * the field of the vector of the surroundings. Returns the texts of all as JSON, and the two vectors of each.
 */
const READ = `
local near = tonumber(ARGV[1])
local texts, vectors, windows = {}, {}, {}
for at, key in ipairs(KEYS) do
  local found = redis.call('HMGET', key, unpack(ARGV, 3))
  windows[at] = table.remove(found)
  texts[at] = found
  vectors[at] = at > near and redis.call('HGET', key, ARGV[2])
end
return {cjson.encode(texts), vectors, windows}
`;

/** Others are served between two calls of the script. */
const AT_ONCE = 500;
const TEXTS = [...READ_FIELDS, FIELD.context];

/** What was found, in one round trip: the `near`, of which that is known, and the others. What has gone is left out. */
export async function readCandidates(
  redis: Redis,
  index: MemoryIndex,
  { near, others = [] }: { readonly near: readonly string[]; readonly others?: readonly string[] },
): Promise<Candidate[]> {
  const found = [...near, ...others];
  const parts = Array.from({ length: Math.ceil(found.length / AT_ONCE) }, (_, at) => at * AT_ONCE);
  const keysFrom = (from: number) => found.slice(from, from + AT_ONCE);
  const { vector, window } = vectorFields(index.current);
  const pipeline = redis.pipeline();
  for (const from of parts) {
    const keys = keysFrom(from);
    pipeline.callBuffer('EVAL_RO', READ, keys.length, ...keys, near.length - from, vector, ...TEXTS, window);
  }
  const replies = await runPipeline(pipeline);
  return parts.flatMap((from, at) => parseCandidates(replies[at], keysFrom(from), index.vectorType));
}

/** The door for the script's answers. */
function parseCandidates(reply: unknown, keys: readonly string[], vectorType: VectorType): Candidate[] {
  const [json, ...binary] = listIn(reply);
  const texts = listIn(JSON.parse(String(json)));
  const [vectors = [], windows = []] = binary.map(listIn);
  const candidates: Candidate[] = [];
  for (const [at, key] of keys.entries()) {
    const values = listIn(texts[at]);
    if (!values.some((value) => typeof value === 'string')) continue;
    const [context, vector, around] = [values.at(-1), vectors[at], windows[at]];
    candidates.push({
      key,
      read: reading(values),
      context: typeof context === 'string' ? context : '',
      vector: Buffer.isBuffer(vector) ? decodeVector(vector, vectorType) : undefined,
      around: Buffer.isBuffer(around) ? decodeDirection(around) : undefined,
    });
  }
  return candidates;
}

function listIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('a script that reads memories answered something else than a list');
  return value;
}
