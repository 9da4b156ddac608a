import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { EraseReport } from '../contracts/memory.ts';
import { keys } from '../contracts/keys.ts';
import { checkId, checkTenant } from './check-memory.ts';
import { readDrops } from './dropped-memories.ts';
import { isAbout } from './export-memories.ts';
import { keysWith, memoryIds } from './list-memories.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { FORGET } from './memory-scripts.ts';
import { readMemories } from './read-memories.ts';
import { whileRedis } from './redis-failures.ts';
import { scopeTag } from './search-query.ts';

const rowSchema = z.object({ other: z.string().exactOptional() });

/**
 * Erases what is about a subject: memories with history and slots, traces of merged ones, marks of recalls, drops, and
 * the transcripts, contexts, artifacts and events of the tasks that these memories came from. Then it looks again.
 */
export function createErase({ redis }: Pick<MemoryDependencies, 'redis'>) {
  return async (tenant: string, subject: string): Promise<EraseReport> => {
    checkTenant(tenant);
    checkId('subject', subject);
    return whileRedis(redis, `erase "${subject}" of tenant "${tenant}"`, async () => {
      const { ids, tasks } = await eraseMemories(redis, tenant, subject);
      const slots = await redis.del(keys.memorySlots(tenant, scopeTag({ scope: 'user', id: subject })));
      await redis.del(keys.documents(tenant, scopeTag({ scope: 'user', id: subject })));
      const traces = await eraseTraces(redis, tenant, ids);
      const marks = await eraseMarks(redis, tenant, ids);
      const drops = await eraseDrops(redis, tenant, subject);
      const projections = await eraseProjections(redis, tenant, tasks);
      const { ids: left } = await aboutSubject(redis, tenant, subject);
      return {
        subject,
        erased: { memories: ids.size, slots, traces, recallMarks: marks, drops, projections },
        left: left.size,
        tasks: [...tasks],
        stillHeld: statementOf([...tasks]),
      };
    });
  };
}

function statementOf(tasks: readonly string[]): string {
  const where =
    tasks.length === 0
      ? 'No workflow is known to have dealt with it.'
      : `The workflow histories of ${tasks.join(', ')} hold what was said and done in them until the retention of their namespace ends; delete these workflows to be rid of them sooner. A task that still runs, or a rebuild from histories, writes its projections again.`;
  return `${where} Claims of tool calls stay, so that no effect happens twice; backups of Redis and texts of other subjects that mention this one are not reached.`;
}

async function aboutSubject(redis: Redis, tenant: string, subject: string) {
  const [ids, tasks] = [new Set<string>(), new Set<string>()];
  for await (const page of memoryIds(redis, tenant)) {
    for (const memory of await readMemories(redis, tenant, page)) {
      if (!memory || !isAbout(memory, subject)) continue;
      ids.add(memory.id);
      const { taskId } = memory.provenance;
      if (taskId !== undefined) tasks.add(taskId);
      if (memory.scope.scope === 'task') tasks.add(memory.scope.id);
    }
  }
  return { ids, tasks };
}

async function eraseMemories(redis: Redis, tenant: string, subject: string) {
  const found = await aboutSubject(redis, tenant, subject);
  const slots = keys.memorySlots(tenant, '');
  await Promise.all(
    [...found.ids].map((id) =>
      redis.eval(FORGET, 2, keys.memory(tenant, id), keys.memoryHistory(tenant, id), id, slots),
    ),
  );
  return found;
}

/** What is left of memories that were merged into an erased one. */
async function eraseTraces(redis: Redis, tenant: string, ids: ReadonlySet<string>): Promise<number> {
  let erased = 0;
  for await (const page of keysWith(redis, keys.memoryHistory(tenant, ''))) {
    for (const key of page) {
      const rows = await redis.lrange(key, 0, -1);
      const others = rows.map((row) => rowSchema.parse(JSON.parse(row)).other);
      const id = key.slice(keys.memoryHistory(tenant, '').length);
      const isTrace = (await redis.exists(keys.memory(tenant, id))) === 0;
      if (isTrace && others.some((other) => other !== undefined && ids.has(other))) erased += await redis.del(key);
    }
  }
  return erased;
}

async function eraseMarks(redis: Redis, tenant: string, ids: ReadonlySet<string>): Promise<number> {
  let erased = 0;
  for await (const page of keysWith(redis, keys.memoryRecalled(tenant, ''))) {
    const held = await redis.mget(page);
    const gone = page.filter((_, at) => ids.has(held[at] ?? ''));
    if (gone.length > 0) erased += await redis.del(gone);
  }
  return erased;
}

async function eraseDrops(redis: Redis, tenant: string, subject: string): Promise<number> {
  const drops = await readDrops(redis, tenant);
  const gone = drops.filter((drop) => isAbout(drop, subject)).map(({ entry }) => entry);
  return gone.length === 0 ? 0 : redis.xdel(keys.memoryDrops(tenant), ...gone);
}

async function eraseProjections(redis: Redis, tenant: string, tasks: ReadonlySet<string>): Promise<number> {
  let erased = 0;
  for (const taskId of tasks) {
    const task = { tenant, taskId };
    erased += await redis.del(keys.transcript(task), keys.events(task));
    for (const prefix of [keys.context(task, ''), keys.artifact(task, '')]) {
      for await (const page of keysWith(redis, prefix)) erased += await redis.del(page);
    }
  }
  return erased;
}
