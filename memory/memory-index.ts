import type { Redis } from 'ioredis';
import { FailureType, failure } from '../contracts/failures.ts';
import { keys } from '../contracts/keys.ts';
import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { FIELD } from './memory-fields.ts';
import { TAG_SEPARATOR } from './memory-tags.ts';
import { createIndexUnlessThere } from './search-index.ts';
import type { VectorType } from './vectors.ts';

/** What a tenant's memories were embedded with, and how their vectors are kept. */
export interface MemoryIndex {
  readonly model: string;
  readonly dimensions: number;
  readonly vectorType: VectorType;
}

/** First search module that knows half-precision vectors. */
const FLOAT16_SINCE = 21_000;

/** Writes the facts about a tenant's memories unless they stand already, and returns those that do. */
const CLAIM_META = `
redis.call('HSETNX', KEYS[1], 'model', ARGV[1])
redis.call('HSETNX', KEYS[1], 'dimensions', ARGV[2])
redis.call('HSETNX', KEYS[1], 'vector_type', ARGV[3])
return redis.call('HMGET', KEYS[1], 'model', 'dimensions', 'vector_type')
`;

/**
 * The index of a tenant, created on first use; any number of workers may do so at once. An index that holds data is
 * never dropped or created anew.
 * @throws ApplicationFailure `MemoryIndexMismatch` when the tenant's memories were embedded with something else
 */
export async function openMemoryIndex(
  redis: Redis,
  { tenant, embedder }: { readonly tenant: string; readonly embedder: EmbeddingModel },
): Promise<MemoryIndex> {
  const wanted = { model: embedder.name, dimensions: embedder.dimensions, vectorType: await bestVectorType(redis) };
  const claimed: unknown = await redis.eval(
    CLAIM_META,
    1,
    keys.memoryMeta(tenant),
    wanted.model,
    wanted.dimensions,
    wanted.vectorType,
  );
  const index = parseMeta(claimed);
  refuseOther(tenant, index, embedder);
  const indexed = await createIndexUnlessThere({
    create: () => redis.call('FT.CREATE', ...indexDefinition(tenant, index)),
    describe: async () => indexedVector(await redis.call('FT.INFO', keys.memoryIndex(tenant))),
  });
  refuseOther(tenant, { ...index, dimensions: indexed.dimensions }, embedder);
  return { ...index, vectorType: indexed.vectorType };
}

/** A failure that names both sides of a mismatch and what to do. */
export function indexMismatch(
  tenant: string,
  stored: { readonly model: string; readonly dimensions: number },
  embedder: EmbeddingModel,
): Error {
  return failure(FailureType.MemoryIndexMismatch, {
    message:
      `The memories of tenant "${tenant}" are embedded with ${stored.model} (${stored.dimensions} dimensions), ` +
      `but this worker embeds with ${embedder.name} (${embedder.dimensions} dimensions). ` +
      `Configure ${stored.model} again, or use another tenant or Redis for ${embedder.name}; nothing was changed.`,
  });
}

function refuseOther(tenant: string, stored: MemoryIndex, embedder: EmbeddingModel): void {
  if (stored.model === embedder.name && stored.dimensions === embedder.dimensions) return;
  throw indexMismatch(tenant, stored, embedder);
}

/**
 * FLAT: exact, and cheap to write while a tenant has some ten thousand memories. `live_until` says how long a memory
 * is recalled; a far date instead of an absent value keeps "what still holds" one numeric range and not a union.
 * Where the words stand in a text is not kept: nothing asks for phrases.
 */
function indexDefinition(tenant: string, { dimensions, vectorType }: MemoryIndex): (string | number)[] {
  const tag = (field: string, name: string) => [field, 'AS', name, 'TAG', 'SEPARATOR', TAG_SEPARATOR, 'CASESENSITIVE'];
  const text = (field: string, name: string) => [field, 'AS', name, 'TEXT'];
  const numeric = (field: string, name: string) => [field, 'AS', name, 'NUMERIC'];
  const vector = ['VECTOR', 'FLAT', 6, 'TYPE', vectorType, 'DIM', dimensions, 'DISTANCE_METRIC', 'COSINE'];
  return [
    [keys.memoryIndex(tenant), 'ON', 'HASH', 'PREFIX', 1, keys.memoryPrefix(tenant), 'NOOFFSETS', 'SCHEMA'],
    [...tag(FIELD.scope, 'scope'), ...tag(FIELD.tags, 'tags')],
    [...text(FIELD.text, 'text'), ...text(FIELD.words, 'words'), ...text(FIELD.context, 'context')],
    [...numeric(FIELD.validFrom, 'valid_from'), ...numeric(FIELD.validTo, 'valid_to')],
    [...numeric(FIELD.liveUntil, 'live_until'), ...numeric(FIELD.ended, 'ended')],
    numeric(FIELD.created, 'created'),
    [FIELD.vector, 'AS', 'vector', ...vector],
  ].flat();
}

/** What the server can do is asked, not assumed; a server that may not be asked gets what every version knows. */
async function bestVectorType(redis: Redis): Promise<VectorType> {
  const modules: unknown = await redis.call('MODULE', 'LIST').catch((error: unknown) => {
    if (error instanceof Error && /^(NOPERM|ERR unknown)/.test(error.message)) return [];
    throw error;
  });
  if (!Array.isArray(modules)) return 'FLOAT32';
  const search = modules.map(asMap).find((module) => module.get('name') === 'search');
  return Number(search?.get('ver') ?? 0) >= FLOAT16_SINCE ? 'FLOAT16' : 'FLOAT32';
}

function parseMeta(reply: unknown): MemoryIndex {
  const [model, dimensions, vectorType]: unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof model !== 'string') throw new TypeError('the facts about a tenant of memories cannot be read');
  return { model, dimensions: Number(dimensions), vectorType: asVectorType(vectorType) };
}

/** Dimensions and type of the vector field, from the answer of `FT.INFO`. */
function indexedVector(reply: unknown): { dimensions: number; vectorType: VectorType } {
  const attributes = asMap(reply).get('attributes');
  const fields = Array.isArray(attributes) ? attributes.map(asMap) : [];
  const vector = fields.find((field) => field.get('type') === 'VECTOR');
  if (!vector) throw new TypeError('the memory index has no vector field');
  return { dimensions: Number(vector.get('dim')), vectorType: asVectorType(vector.get('data_type')) };
}

function asVectorType(value: unknown): VectorType {
  return value === 'FLOAT16' ? 'FLOAT16' : 'FLOAT32';
}

/** A flat list of names and values, as RESP2 sends maps. */
function asMap(reply: unknown): Map<unknown, unknown> {
  const flat: unknown[] = Array.isArray(reply) ? reply : [];
  return new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]] as const] : [])));
}
