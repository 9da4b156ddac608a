import type { Redis } from 'ioredis';
import { FailureType, failure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FIELD } from '../record/memory-fields.ts';
import { TAG_SEPARATOR } from '../record/memory-tags.ts';
import { asMap } from '../redis/reply-map.ts';
import { createIndexUnlessThere } from './search-index.ts';
import type { VectorSpace } from '../../contracts/model-move.ts';
import { vectorFields } from '../vectors/vector-space.ts';
import type { VectorSearch, VectorType } from '../vectors/vectors.ts';

/** What a tenant's memories are embedded with, and how their vectors are kept. */
export interface MemoryIndex {
  readonly vectorType: VectorType;
  readonly vectorSearch: VectorSearch;
  /** Changes with every step of a move to another model. */
  readonly epoch: number;
  /** What recall compares with. */
  readonly current: VectorSpace;
  /** Kept in step beside it during a move: where the memories go or, after the switch, where they came from. */
  readonly other?: VectorSpace;
}

/** An index, and the models of this process that belong to it. */
export interface OpenIndex extends MemoryIndex {
  readonly embedder: EmbeddingModel;
  /** Absent where this process does not have the other model: then it writes without the second vector. */
  readonly otherEmbedder?: EmbeddingModel;
}

/** How the vectors of a new tenant are kept. */
export interface VectorStorage {
  /** Default: half precision where the server's search knows it. */
  readonly type?: VectorType;
  /** Default: `FLAT`. */
  readonly search?: VectorSearch;
}

/** First search module that knows half-precision vectors. */
const FLOAT16_SINCE = 21_000;

/** Writes the facts about a tenant's memories unless they stand already; says whether they were new, and which stand. */
const CLAIM_META = `
local new = redis.call('HSETNX', KEYS[1], 'model', ARGV[1])
redis.call('HSETNX', KEYS[1], 'dimensions', ARGV[2])
redis.call('HSETNX', KEYS[1], 'vector_type', ARGV[3])
redis.call('HSETNX', KEYS[1], 'vector_search', ARGV[4])
return {new, redis.call('HGETALL', KEYS[1])}
`;

/**
 * The index of a tenant, created on first use with the first of the models; any number of workers may do so at once.
 * An index that holds data is never dropped or created anew.
 * @throws ApplicationFailure `MemoryIndexMismatch` when the tenant's memories are embedded with none of the models
 */
export async function openMemoryIndex(
  redis: Redis,
  options: {
    readonly tenant: string;
    readonly embedders: readonly EmbeddingModel[];
    /** For a tenant that has no index yet. */
    readonly vectors?: VectorStorage | undefined;
  },
): Promise<OpenIndex> {
  const { tenant, embedders, vectors = {} } = options;
  const [first] = embedders;
  if (!first) throw new TypeError('memory needs an embedding model');
  const vectorType = vectors.type ?? (await bestVectorType(redis));
  const wanted = [first.name, first.dimensions, vectorType, vectors.search ?? 'FLAT'];
  const claimed: unknown = await redis.eval(CLAIM_META, 1, keys.memoryMeta(tenant), ...wanted);
  const [isNew, facts]: unknown[] = Array.isArray(claimed) ? claimed : [];
  const index = parseMeta(asMap(facts));
  const embedder = embedders.find(fits(index.current));
  if (!embedder) throw indexMismatch(tenant, index.current, embedders);
  const information = await createIndexUnlessThere({
    create: () => redis.call('FT.CREATE', ...indexDefinition(tenant, index, { isEmpty: isNew === 1 })),
    describe: () => redis.call('FT.INFO', keys.memoryIndex(tenant)),
  });
  const vector = indexedVectors(information).get(vectorFields(index.current).attribute);
  if (!vector) throw new TypeError(`the memory index of tenant "${tenant}" has no vector field`);
  if (vector.dimensions !== index.current.dimensions) {
    throw indexMismatch(tenant, { ...index.current, dimensions: vector.dimensions }, embedders);
  }
  const otherEmbedder = index.other && embedders.find(fits(index.other));
  return { ...index, vectorType: vector.vectorType, embedder, ...(otherEmbedder ? { otherEmbedder } : {}) };
}

/** The facts about a tenant's memories, or `undefined` where it has none. */
export async function readMemoryIndex(redis: Redis, tenant: string): Promise<MemoryIndex | undefined> {
  const stored = await redis.hgetall(keys.memoryMeta(tenant));
  return stored['model'] === undefined ? undefined : parseMeta(new Map(Object.entries(stored)));
}

/** Makes the vectors of a space searchable, unless they are. */
export async function indexSpace(redis: Redis, tenant: string, index: MemoryIndex, space: VectorSpace): Promise<void> {
  const name = keys.memoryIndex(tenant);
  const { attribute } = vectorFields(space);
  const present = async () => indexedVectors(await redis.call('FT.INFO', name)).has(attribute);
  if (await present()) return;
  const adding = redis.call('FT.ALTER', name, 'SCHEMA', 'ADD', ...vectorAttribute(space, index));
  // Somebody else may have added it at the same moment; whether it is there afterwards is what counts.
  const problem = await adding.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (problem !== undefined && !(await present())) throw problem;
}

/** Is this the model of that space? */
export function fits({ model, dimensions }: VectorSpace): (embedder: EmbeddingModel) => boolean {
  return (embedder) => embedder.name === model && embedder.dimensions === dimensions;
}

/** A failure that names both sides of a mismatch and what to do. */
export function indexMismatch(
  tenant: string,
  stored: { readonly model: string; readonly dimensions: number },
  embedders: readonly EmbeddingModel[],
): Error {
  const own = embedders.map(({ name, dimensions }) => `${name} (${dimensions} dimensions)`).join(' and ');
  return failure(FailureType.MemoryIndexMismatch, {
    message:
      `The memories of tenant "${tenant}" are embedded with ${stored.model} (${stored.dimensions} dimensions), ` +
      `but this worker embeds with ${own}. ` +
      `Configure ${stored.model} as well (WAYMARK_EMBEDDINGS takes several, separated by commas), ` +
      `or move the memories with \`waymark memory reindex\`; nothing was changed.`,
  });
}

/**
 * `live_until` says how long a memory
 * is recalled; a far date instead of an absent value keeps "what still holds" one numeric range and not a union.
 * Where the words stand in a text is not kept: nothing asks for phrases. A tenant that is new has nothing to scan for (no
 * memory is written before the facts), and a scan would index what is written meanwhile twice, which spoils the counts
 * that text scores are made of until the module collects its garbage.
 */
function indexDefinition(
  tenant: string,
  index: MemoryIndex,
  { isEmpty }: { readonly isEmpty: boolean },
): (string | number)[] {
  const { current, other } = index;
  const tag = (field: string, name: string) => [field, 'AS', name, 'TAG', 'SEPARATOR', TAG_SEPARATOR, 'CASESENSITIVE'];
  const text = (field: string, name: string) => [field, 'AS', name, 'TEXT'];
  const numeric = (field: string, name: string) => [field, 'AS', name, 'NUMERIC'];
  return [
    [keys.memoryIndex(tenant), 'ON', 'HASH', 'PREFIX', 1, keys.memoryPrefix(tenant), 'NOOFFSETS'],
    [...(isEmpty ? ['SKIPINITIALSCAN'] : []), 'SCHEMA'],
    tag(FIELD.tags, 'tags'),
    [...text(FIELD.text, 'text'), ...text(FIELD.words, 'words'), ...text(FIELD.context, 'context')],
    [...numeric(FIELD.validFrom, 'valid_from'), ...numeric(FIELD.validTo, 'valid_to')],
    [...numeric(FIELD.liveUntil, 'live_until'), ...numeric(FIELD.ended, 'ended')],
    numeric(FIELD.created, 'created'),
    vectorAttribute(current, index),
    other ? vectorAttribute(other, index) : [],
  ].flat();
}

function vectorAttribute(
  space: VectorSpace,
  { vectorType, vectorSearch }: Pick<MemoryIndex, 'vectorType' | 'vectorSearch'>,
): (string | number)[] {
  const { vector, attribute } = vectorFields(space);
  const kept = ['TYPE', vectorType, 'DIM', space.dimensions, 'DISTANCE_METRIC', 'COSINE'];
  return [vector, 'AS', attribute, 'VECTOR', vectorSearch, kept.length, ...kept];
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

/** The door for the facts about a tenant; those of a move are absent where none was ever made. */
function parseMeta(meta: ReadonlyMap<unknown, unknown>): MemoryIndex {
  const current = spaceIn(meta, '');
  if (!current) throw new TypeError('the facts about a tenant of memories cannot be read');
  const other = spaceIn(meta, 'other_');
  return {
    vectorType: asVectorType(meta.get('vector_type')),
    vectorSearch: meta.get('vector_search') === 'HNSW' ? 'HNSW' : 'FLAT',
    epoch: Number(meta.get('epoch') ?? 0),
    current,
    ...(other ? { other } : {}),
  };
}

function spaceIn(meta: ReadonlyMap<unknown, unknown>, prefix: '' | 'other_'): VectorSpace | undefined {
  const model = meta.get(`${prefix}model`);
  if (typeof model !== 'string') return undefined;
  const number = (name: string) => Number(meta.get(`${prefix}${name}`) ?? 0);
  return { model, dimensions: number('dimensions'), generation: number('generation') };
}

/** Dimensions and type of each vector attribute, from the answer of `FT.INFO`. */
function indexedVectors(reply: unknown): Map<string, { dimensions: number; vectorType: VectorType }> {
  const attributes = asMap(reply).get('attributes');
  const fields = Array.isArray(attributes) ? attributes.map(asMap) : [];
  return new Map(
    fields
      .filter((field) => field.get('type') === 'VECTOR')
      .map((field) => [
        String(field.get('attribute')),
        { dimensions: Number(field.get('dim')), vectorType: asVectorType(field.get('data_type')) },
      ]),
  );
}

function asVectorType(value: unknown): VectorType {
  return value === 'FLOAT16' ? 'FLOAT16' : 'FLOAT32';
}
