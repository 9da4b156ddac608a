import { reviewAnew } from '../care/review-marker.ts';
import { findMemoryIds } from '../record/find-memory-ids.ts';
import { fillVectors } from './fill-vectors.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { filterQuery } from '../search/search-query.ts';

/**
 * Embeds what was written while the embedding model was away; says how many memories that were.
 * @throws ApplicationFailure `ModelError.*` while it still is away; what was embedded until then stays
 */
export function createEmbedMissing({ redis, indexes }: MemoryDependencies): (tenant: string) => Promise<number> {
  return async (tenant) => {
    const task = `embed the memories of tenant "${tenant}" that have no vector`;
    const missing = filterQuery({ unembedded: true });
    let total = 0;
    for (;;) {
      const ids = await indexes.searching(tenant, task, () => findMemoryIds(redis, tenant, missing));
      const index = await indexes.open(tenant);
      const { current: space, embedder } = index;
      const { embedded, refused, gone } = await fillVectors(redis, { tenant, index, space, embedder }, ids);
      total += embedded;
      // It was there when the memories were last compared, and could not be.
      if (embedded > 0) await reviewAnew(redis, tenant);
      // What another process embedded meanwhile has left the search's result; nothing done by anybody would not end.
      if (embedded + refused === 0 && !gone) return total;
      if (gone) await indexes.reopen(tenant);
    }
  };
}
