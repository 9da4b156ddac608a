import { keys } from '../contracts/keys.ts';
import { embedTexts } from './embed-texts.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { FIELD } from './memory-fields.ts';
import { EMBED } from './memory-scripts.ts';
import { findMemoryIds } from './find-memory-ids.ts';
import { whileRedis } from './redis-failures.ts';
import { filterQuery } from './search-query.ts';
import { encodeDirection, encodeVector } from './vectors.ts';

/**
 * Embeds what was written while the embedding model was away; says how many memories that were.
 * @throws ApplicationFailure `ModelError.*` while it still is away; what was embedded until then stays
 */
export function createEmbedMissing(deps: MemoryDependencies): (tenant: string) => Promise<number> {
  const { redis, embedder, indexes } = deps;
  return async (tenant) => {
    const task = `embed the memories of tenant "${tenant}" that have no vector`;
    const { vectorType } = await indexes.open(tenant);
    const missing = filterQuery({ unembedded: true });
    let total = 0;
    for (;;) {
      const ids = await indexes.searching(tenant, task, () => findMemoryIds(redis, tenant, missing));
      const texts = await whileRedis(redis, task, () =>
        Promise.all(ids.map((id) => redis.hmget(keys.memory(tenant, id), FIELD.text, FIELD.context))),
      );
      const alone = texts.map(([text]) => text ?? '-');
      const around = texts.map(([text, context]) => (context == null ? '' : `${text}\n${context}`));
      if (ids.length === 0) return total;
      const vectors = await embedTexts(embedder, [...alone, ...around.filter((text) => text !== '')]);
      const windows = vectors.slice(ids.length).values();
      const done = await whileRedis(redis, task, () =>
        Promise.all(
          ids.map((id, at) => {
            const vector = encodeVector(vectors[at] ?? new Float32Array(), vectorType);
            const window = around[at] === '' ? undefined : windows.next().value;
            const further = window ? [FIELD.window, encodeDirection(window)] : [];
            return redis.eval(EMBED, 1, keys.memory(tenant, id), FIELD.vector, vector, ...further);
          }),
        ),
      );
      const count = done.filter((one) => one === 1).length;
      // What another process embedded meanwhile has left the search's result; nothing done by anybody would not end.
      if (count === 0) return total;
      total += count;
    }
  };
}
