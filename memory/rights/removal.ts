import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { MemoryStore } from '../../contracts/memory-store.ts';
import type { ForgetQuery } from '../../contracts/memory.ts';
import { checkJoinedId, checkKind, checkScope, checkTenant } from '../record/check-memory.ts';
import { findMemoryIds } from '../record/find-memory-ids.ts';
import { CLOSE, FORGET } from '../record/memory-scripts.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { filterQuery } from '../search/search-query.ts';
import type { SearchQuery } from '../search/search-query.ts';
import type { TenantIndexes } from '../search/tenant-indexes.ts';

type EndOne = (id: string) => Promise<unknown>;

/** Closing and forgetting; see `MemoryStore`. */
export function createRemoval({
  redis,
  indexes,
  now,
}: {
  readonly redis: Redis;
  readonly indexes: TenantIndexes;
  readonly now: () => number;
}): Pick<MemoryStore, 'close' | 'forget'> {
  const end = async (tenant: string, { query, task, openOnly, endOne }: Ending): Promise<number> => {
    checkTenant(tenant);
    checkForget(query);
    if ('ids' in query) return whileRedis(redis, task, () => endAll(query.ids, endOne));
    await indexes.open(tenant);
    const found = foundQuery(query, openOnly);
    return indexes.searching(tenant, task, () => endFound(redis, { tenant, found, endOne }));
  };
  return {
    close: (tenant, query) => {
      const endOne: EndOne = (id) => redis.eval(CLOSE, 2, ...addressed(tenant, id), now());
      return end(tenant, { query, task: `close memories of tenant "${tenant}"`, openOnly: true, endOne });
    },
    forget: (tenant, query) => {
      const endOne: EndOne = (id) => {
        const [memory, history, ...told] = addressed(tenant, id);
        return redis.eval(FORGET, 4, memory, history, keys.memoryUses(tenant), keys.memoryEnding(tenant, id), ...told);
      };
      return end(tenant, { query, task: `forget memories of tenant "${tenant}"`, openOnly: false, endOne });
    },
  };
}

interface Ending {
  readonly query: ForgetQuery;
  readonly task: string;
  readonly openOnly: boolean;
  readonly endOne: EndOne;
}

/** @throws RangeError */
function checkForget(query: ForgetQuery): void {
  if ('ids' in query) {
    for (const id of query.ids) checkJoinedId('memory id', id);
    return;
  }
  checkScope(query.scope);
  for (const kind of query.kinds ?? []) checkKind(kind);
}

function addressed(tenant: string, id: string): [memory: string, history: string, id: string, slots: string] {
  return [keys.memory(tenant, id), keys.memoryHistory(tenant, id), id, keys.memorySlots(tenant, '')];
}

async function endAll(ids: readonly string[], endOne: EndOne): Promise<number> {
  const ended = await Promise.all(ids.map(endOne));
  return ended.filter((count) => count === 1).length;
}

/** What was ended leaves the search's result, so each page is the first one, until a page ends nothing more. */
async function endFound(
  redis: Redis,
  { tenant, found, endOne }: { readonly tenant: string; readonly found: SearchQuery; readonly endOne: EndOne },
): Promise<number> {
  let total = 0;
  for (;;) {
    const ended = await endAll(await findMemoryIds(redis, tenant, found), endOne);
    if (ended === 0) return total;
    total += ended;
  }
}

function foundQuery({ scope, kinds }: Exclude<ForgetQuery, { ids: unknown }>, openOnly: boolean): SearchQuery {
  return filterQuery({ scopes: [scope], kinds, openEnded: openOnly });
}
