import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import { keys } from '../../contracts/keys.ts';
import { checkTenant } from '../record/check-memory.ts';
import { fillVectors } from '../vectors/fill-vectors.ts';
import { readIndexStats } from '../search/index-info.ts';
import { FIELD } from '../record/memory-fields.ts';
import { fits, indexMismatch, indexSpace, readMemoryIndex } from '../search/memory-index.ts';
import type { MemoryIndex } from '../search/memory-index.ts';
import { modelsOf, withModels } from '../record/memory-meta.ts';
import { BEGIN_MOVE, DROP_VECTORS, END_MOVE, SWITCH_MODEL } from '../vectors/move-scripts.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import type { VectorSpace } from '../../contracts/model-move.ts';
import { vectorFields } from '../vectors/vector-space.ts';
import { walkSlice } from './memory-slice.ts';
import type { Slice, SliceOptions } from './memory-slice.ts';

/** A step that gives memories vectors. */
export interface FillSlice extends Slice {
  readonly embedded: number;
}

/** A step that takes vectors away. */
export interface DropSlice extends Slice {
  readonly dropped: number;
}

/** A move that has begun. */
export interface BegunMove {
  readonly former: VectorSpace;
  readonly next: VectorSpace;
  /** How many memories there were. */
  readonly memories: number;
}

/** The steps of moving a tenant's memories to another embedding model; the workflow puts them in order. */
export interface ModelMove {
  /** What the tenant's memories are embedded with; `undefined` where it has none. */
  state(tenant: string): Promise<MemoryIndex | undefined>;
  /**
   * Opens a second vector space for this model: from now on every writer that has the model fills both.
   * @throws ApplicationFailure `Refused` where that makes no sense now, `MemoryIndexMismatch` where this process does not have the model
   */
  begin(tenant: string, model: string): Promise<BegunMove>;
  /** Gives memories their vector of that generation where they lack it. @throws ApplicationFailure `Refused` where it is gone */
  fill(options: SliceOptions & { readonly generation: number }): Promise<FillSlice>;
  /** Makes that generation the one that recall compares with. Doing it again changes nothing. */
  switchTo(tenant: string, generation: number): Promise<void>;
  /** Closes the space of that generation, which is not the current one: nobody writes it any longer. */
  end(tenant: string, generation: number): Promise<void>;
  /** Removes the vectors of a generation that was closed. */
  drop(options: SliceOptions & { readonly generation: number }): Promise<DropSlice>;
}

export function createModelMove({
  redis,
  embedders,
}: {
  readonly redis: Redis;
  readonly embedders: readonly EmbeddingModel[];
}): ModelMove {
  const read = async (tenant: string): Promise<MemoryIndex> => {
    const index = await whileRedis(redis, `read the models of tenant "${tenant}"`, () =>
      readMemoryIndex(redis, tenant),
    );
    if (index) return index;
    throw refused(`Tenant "${tenant}" has no memories; there is nothing to move.`);
  };
  return {
    state: async (tenant) => {
      checkTenant(tenant);
      return whileRedis(redis, `read the models of tenant "${tenant}"`, () => readMemoryIndex(redis, tenant));
    },
    async begin(tenant, model) {
      const before = await read(tenant);
      const embedder = embedders.find(({ name }) => name === model);
      if (!embedder) throw unknownModel(model, embedders);
      const task = `begin to move the memories of tenant "${tenant}" to ${model}`;
      return whileRedis(redis, task, async () => {
        const told: unknown = await redis.eval(BEGIN_MOVE, 1, keys.memoryMeta(tenant), model, embedder.dimensions);
        if (told === 'current') throw refused(`The memories of tenant "${tenant}" are embedded with ${model} already.`);
        if (told === 'other') throw refused(busy(tenant, before));
        const index = await read(tenant);
        if (!index.other) throw refused(`Tenant "${tenant}" has no memories; there is nothing to move.`);
        await indexSpace(redis, tenant, index, index.other);
        return {
          former: index.current,
          next: index.other,
          memories: (await readIndexStats(redis, tenant))?.documents ?? 0,
        };
      });
    },
    async fill({ generation, ...options }) {
      const { tenant } = options;
      const index = await read(tenant);
      const space = spaceOf(tenant, index, generation);
      const embedder = embedders.find(fits(space));
      if (!embedder) throw indexMismatch(tenant, space, embedders);
      await whileRedis(redis, `index the vectors of ${space.model}`, () => indexSpace(redis, tenant, index, space));
      const filling = { tenant, index, space, embedder };
      let embedded = 0;
      const slice = await walkSlice(redis, options, async (ids) => {
        const filled = await fillVectors(redis, filling, ids);
        embedded += filled.embedded;
        // Somebody ended the move or took another step of it: what that was, the next attempt reads.
        if (filled.gone) spaceOf(tenant, await read(tenant), generation);
      });
      return { ...slice, embedded };
    },
    async switchTo(tenant, generation) {
      const done = await whileRedis(redis, `switch the memories of tenant "${tenant}" to another model`, () =>
        redis.eval(SWITCH_MODEL, 1, keys.memoryMeta(tenant), generation),
      );
      if (done !== 1) throw gone(tenant, generation);
    },
    async end(tenant, generation) {
      await whileRedis(redis, `end the move of tenant "${tenant}"`, () =>
        redis.eval(END_MOVE, 1, keys.memoryMeta(tenant), generation),
      );
    },
    async drop({ generation, ...options }) {
      const { tenant } = options;
      const index = await read(tenant);
      if ([index.current, index.other].some((space) => space?.generation === generation)) {
        throw refused(`The vectors of generation ${generation} of tenant "${tenant}" are in use.`);
      }
      let dropped = 0;
      const slice = await walkSlice(redis, options, async (ids) => {
        const done = await whileRedis(redis, `drop old vectors of tenant "${tenant}"`, () =>
          Promise.all(ids.map((id) => dropOne(redis, { tenant, id, generation, index }))),
        );
        dropped += done.filter((one) => one === 1).length;
      });
      return { ...slice, dropped };
    },
  };
}

async function dropOne(
  redis: Redis,
  options: { readonly tenant: string; readonly id: string; readonly generation: number; readonly index: MemoryIndex },
): Promise<unknown> {
  const { tenant, id, generation, index } = options;
  const key = keys.memory(tenant, id);
  const { vector, window } = vectorFields({ generation });
  const [meta, length] = await Promise.all([redis.hget(key, FIELD.meta), redis.hstrlen(key, vector)]);
  if (meta === null || length === 0) return 0;
  const kept = [index.current, index.other].flatMap((space) => space?.model ?? []);
  const models = modelsOf(meta).filter((model) => kept.includes(model));
  const told = withModels(meta, models.length === 0 ? [index.current.model] : models);
  return redis.eval(DROP_VECTORS, 2, key, keys.memoryMeta(tenant), generation, meta, told, vector, window);
}

function spaceOf(tenant: string, { current, other }: MemoryIndex, generation: number): VectorSpace {
  const space = [current, other].find((one) => one?.generation === generation);
  if (!space) throw gone(tenant, generation);
  return space;
}

function gone(tenant: string, generation: number): Error {
  return refused(
    `The move ${generation} of tenant "${tenant}" is no longer known to Redis: it was ended elsewhere, or Redis lost its data. Start it anew.`,
  );
}

function busy(tenant: string, { current, other }: MemoryIndex): string {
  return (
    `The memories of tenant "${tenant}" are in the middle of another move (${current.model} is current, ` +
    `${other?.model ?? 'another'} beside it). Finish it or roll it back first: \`waymark memory reindex --status\`.`
  );
}

function unknownModel(model: string, embedders: readonly EmbeddingModel[]): Error {
  const known = embedders.map(({ name }) => name).join(', ');
  return failure(FailureType.MemoryIndexMismatch, {
    message: `This worker has no embedding model "${model}", only ${known}. Add it to WAYMARK_EMBEDDINGS of every worker, then move.`,
  });
}

function refused(message: string): Error {
  return failure(FailureType.Refused, { message });
}
