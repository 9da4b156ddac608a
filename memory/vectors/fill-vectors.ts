import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { keys } from '../../contracts/keys.ts';
import { fieldsOf, vectorsOf } from './embed-memories.ts';
import { FIELD } from '../record/memory-fields.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { modelsOf, unpackMeta, withModels } from '../record/memory-meta.ts';
import { EMBED, RETAG } from '../record/memory-scripts.ts';
import { tagOf } from '../record/memory-tags.ts';
import { textToEmbed } from '../remember/slot-words.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import type { VectorSpace } from '../../contracts/model-move.ts';
import { vectorFields } from './vector-space.ts';

/** What is to be filled, and with what. */
export interface Filling {
  readonly tenant: string;
  readonly index: MemoryIndex;
  /** One of the index's. */
  readonly space: VectorSpace;
  readonly embedder: EmbeddingModel;
}

/** What a filling did. */
export interface Filled {
  /** Memories that were embedded. */
  readonly embedded: number;
  /** Memories whose text the model refuses; they are not tried again. */
  readonly refused: number;
  /** The tenant no longer has this space: the move was ended, or Redis lost it. */
  readonly gone: boolean;
}

interface Lacking {
  readonly id: string;
  readonly alone: string;
  readonly around?: string;
  readonly meta: string;
  readonly tags: string;
  /** It has the vector and is only still marked as having none. */
  readonly marked: boolean;
}

/**
 * Gives those of these memories that lack it their vector of a space. A memory that changed meanwhile is left for the
 * next time. @throws ApplicationFailure `ModelError.*` while the model is away; what was embedded until then stays
 */
export async function fillVectors(redis: Redis, filling: Filling, ids: readonly string[]): Promise<Filled> {
  const { tenant, index, space, embedder } = filling;
  const task = `embed memories of tenant "${tenant}" with ${space.model}`;
  const lacking = await whileRedis(redis, task, () => findLacking(redis, filling, ids));
  if (lacking.length === 0) return { embedded: 0, refused: 0, gone: false };
  const unembedded = lacking.filter(({ marked }) => !marked);
  const vectors = await vectorsOf(embedder, unembedded, index.vectorType);
  const fields = new Map(
    unembedded.flatMap(({ id }, at) => (vectors[at] ? [[id, fieldsOf(space, vectors[at])] as const] : [])),
  );
  const refused = unembedded.filter((_, at) => vectors[at] === undefined);
  const marked = await whileRedis(redis, task, () =>
    Promise.all(refused.map((one) => markRefused(redis, filling, one))),
  );
  const ready = lacking.filter((one) => !refused.includes(one));
  const done = await whileRedis(redis, task, () =>
    Promise.all(
      ready.map(({ id, meta }) => {
        const told = [space.generation, meta, nowEmbeddedBy(meta, filling)];
        const touched = [keys.memory(tenant, id), keys.memoryMeta(tenant)];
        return redis.eval(EMBED, touched.length, ...touched, ...told, ...(fields.get(id) ?? []));
      }),
    ),
  );
  return { embedded: countOf(done), refused: countOf(marked), gone: done.includes(-1) };
}

async function findLacking(
  redis: Redis,
  { tenant, index, space }: Filling,
  ids: readonly string[],
): Promise<Lacking[]> {
  const field = vectorFields(space).vector;
  // Without the vector of the current model a memory counts as not embedded, and is marked so.
  const isCurrent = space.generation === index.current.generation;
  const rows = await Promise.all(
    ids.map(async (id) => {
      const key = keys.memory(tenant, id);
      const told = redis.hmget(key, FIELD.text, FIELD.context, FIELD.meta, FIELD.tags);
      const [[text, context, meta, tags], length] = await Promise.all([told, redis.hstrlen(key, field)]);
      if (text == null || meta == null || tags == null) return undefined;
      const marked = length > 0;
      if (marked && !(isCurrent && tags.split('|').includes(tagOf.unembedded))) return undefined;
      const alone = textToEmbed({ text, slot: unpackMeta(meta, id).slot });
      return { id, alone, ...(context == null ? {} : { around: `${alone}\n${context}` }), meta, tags, marked };
    }),
  );
  return rows.filter((row) => row !== undefined);
}

function countOf(answers: readonly unknown[]): number {
  return answers.filter((one) => one === 1).length;
}

/** A text that the current model refuses is not tried again; one that changed meanwhile is. */
async function markRefused(redis: Redis, { tenant, index, space }: Filling, { id, tags }: Lacking): Promise<unknown> {
  if (space.generation !== index.current.generation || tags.split('|').includes(tagOf.refused)) return 0;
  return redis.eval(RETAG, 1, keys.memory(tenant, id), tags, `${tags}|${tagOf.refused}`);
}

/** The facts of a memory that now has a vector of this space, too; models that are no longer the tenant's go. */
function nowEmbeddedBy(meta: string, { index, space }: Filling): string {
  const known = [index.current.model, index.other?.model];
  const others = modelsOf(meta).filter((model) => known.includes(model) && model !== space.model);
  return withModels(meta, [...others, space.model]);
}
