import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { FIELD, READ_FIELDS, reading } from '../record/memory-fields.ts';
import type { Read } from '../record/memory-fields.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { MovedError } from '../search/tenant-indexes.ts';
import { vectorFields } from '../vectors/vector-space.ts';
import { decodeDirection, decodeVector } from '../vectors/vectors.ts';

/** A memory that a search found, as it stands in Redis: to be ranked by and, if it comes back, read from. */
export interface Candidate {
  readonly key: string;
  readonly read: Read;
  /** Words of what surrounds it. */
  readonly context: string;
  /** Absent where it was not embedded yet, and where every search by vector has found it, which says how near it is. */
  readonly vector: Float32Array | undefined;
  /** Of the text within its surroundings. */
  readonly around: Int8Array | undefined;
}

/** Arguments of `FT.SEARCH` that make each answer a key and a number. */
export type Search = readonly (string | number | Buffer)[];

/**
 * Searches, and reads what was found, each memory once. A client takes longer for taking an answer of a thousand values
 * apart than the server for giving it, so the answer is one text and the vectors.
 *
 * KEYS facts about the tenant. ARGV how many of the searches are by vector (they come first), the field of vectors, the
 * number of other fields, these (the last one is that of the vector of the surroundings), and for each search the number of
 * its arguments, and these. Returns as JSON the keys, the answers of each search (places among the keys, and numbers), the
 * texts of each memory, and the epoch; and both vectors of each memory.
 */
const FIND = `
local by_vector, fields = tonumber(ARGV[1]), tonumber(ARGV[3])
local keys, places, times, lists = {}, {}, {}, {}
local at = 4 + fields
while at < #ARGV do
  local last = at + tonumber(ARGV[at])
  local answers, list = redis.pcall('FT.SEARCH', unpack(ARGV, at + 1, last)), {}
  if answers.err then return answers end
  for row = 2, #answers, 2 do
    local key = answers[row]
    if not places[key] then
      table.insert(keys, key)
      places[key], times[key] = #keys, 0
    end
    list[row - 1], list[row] = places[key], answers[row + 1]
    if #lists < by_vector then times[key] = times[key] + 1 end
  end
  table.insert(lists, list)
  at = last + 1
end
local texts, vectors, windows = {}, {}, {}
for place, key in ipairs(keys) do
  local found = redis.call('HMGET', key, unpack(ARGV, 4, 3 + fields))
  windows[place] = table.remove(found)
  texts[place] = found
  vectors[place] = times[key] < by_vector and redis.call('HGET', key, ARGV[2])
end
return {cjson.encode({keys, lists, texts, redis.call('HGET', KEYS[1], 'epoch')}), vectors, windows}
`;

const TEXTS = [...READ_FIELDS, FIELD.context];

/** What searches found. */
export interface Found {
  /** For each search the keys with its number, as it gave them. */
  readonly lists: readonly ReadonlyMap<string, number>[];
  /** Each memory once. */
  readonly candidates: readonly Candidate[];
}

/** Searches a tenant's memories in one round trip; the first `byVector` searches are by vector. @throws MovedError */
export async function findCandidates(
  redis: Redis,
  options: {
    readonly tenant: string;
    readonly index: MemoryIndex;
    readonly searches: readonly Search[];
    readonly byVector: number;
  },
): Promise<Found> {
  const { tenant, index, searches, byVector } = options;
  const { vector, window } = vectorFields(index.current);
  const asked = searches.flatMap((search) => [search.length, ...search]);
  const fields = [TEXTS.length + 1, ...TEXTS, window];
  const reply = await redis.callBuffer(
    'EVAL_RO',
    FIND,
    1,
    keys.memoryMeta(tenant),
    byVector,
    vector,
    ...fields,
    ...asked,
  );
  const { epoch, ...found } = parseFound(reply, index);
  if (epoch !== index.epoch) throw new MovedError(`the memories of "${tenant}" moved`);
  return found;
}

/** The door for the script's answers. */
function parseFound(reply: unknown, { vectorType }: MemoryIndex): Found & { readonly epoch: number } {
  const [json, ...binary] = listIn(reply);
  const [found, lists, texts, epoch] = listIn(JSON.parse(String(json)));
  const names = listIn(found).map(String);
  const [vectors = [], windows = []] = binary.map(listIn);
  const candidates: Candidate[] = [];
  for (const [at, values] of listIn(texts).map(listIn).entries()) {
    // One that expired between being found and being read has no fields.
    if (!values.some((value) => typeof value === 'string')) continue;
    const [context, vector, around] = [values.at(-1), vectors[at], windows[at]];
    candidates.push({
      key: names[at] ?? '',
      read: reading(values),
      context: typeof context === 'string' ? context : '',
      vector: Buffer.isBuffer(vector) ? decodeVector(vector, vectorType) : undefined,
      around: Buffer.isBuffer(around) ? decodeDirection(around) : undefined,
    });
  }
  return { lists: listIn(lists).map((list) => numbersIn(listIn(list), names)), candidates, epoch: Number(epoch || 0) };
}

/** Numbers by key, of places and numbers in turn; a sorted search has a `#` before each number. */
function numbersIn(list: readonly unknown[], names: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let at = 0; at + 1 < list.length; at += 2) {
    numbers.set(names[Number(list[at]) - 1] ?? '', Number(String(list[at + 1]).replace('#', '')));
  }
  return numbers;
}

/** A list in what a script answered; an empty one is an empty object in its JSON. */
function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
