import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { EraseOptions, EraseReport } from '../../contracts/memory-reports.ts';
import { keys } from '../../contracts/keys.ts';
import { checkId, checkTenant } from '../record/check-memory.ts';
import { touchedBy } from '../care/touched-by.ts';
import { readDrops } from '../remember/dropped-memories.ts';
import { isAbout } from './export-memories.ts';
import { keysWith, memoryIds } from '../record/list-memories.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { FORGET } from '../record/memory-scripts.ts';
import { readMemories } from '../record/read-memories.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { scopeTag } from '../record/memory-tags.ts';
import { mentions, tasksNaming } from './subject-tasks.ts';
import type { NamingTask } from './subject-tasks.ts';

/** Shorter ones are in every text. */
const SHORTEST_NAME = 3;

const rowSchema = z.object({ other: z.string().exactOptional() });

/**
 * Erases what is about a subject: memories with history and slots, traces of merged ones, marks of recalls, drops, and
 * what is kept of its tasks: records, transcripts with their summaries, contexts, artifacts, events, and the claims of those
 * that have ended. Then it looks again. Which other memories and tasks name it, it says; or erases those memories too.
 */
export function createErase({ redis }: Pick<MemoryDependencies, 'redis'>) {
  return async (tenant: string, subject: string, options: EraseOptions = {}): Promise<EraseReport> => {
    const given = options.names ?? [];
    const names = [...(subject.length < SHORTEST_NAME ? [] : [subject]), ...given];
    checkTenant(tenant);
    checkId('subject', subject);
    for (const name of given) {
      if (name.trim().length >= SHORTEST_NAME) continue;
      throw new RangeError(
        `the name "${name}" has fewer than ${SHORTEST_NAME} characters, too few to look for in texts`,
      );
    }
    const about = { tenant, subject, names, mentions: options.mentions ?? false };
    return whileRedis(redis, `erase "${subject}" of tenant "${tenant}"`, async () => {
      const naming = await tasksNaming(redis, about);
      const { ids, tasks } = await eraseMemories(redis, about);
      for (const { taskId, isAbout: own } of naming) if (own) tasks.add(taskId);
      const slots = await redis.del(keys.memorySlots(tenant, scopeTag({ scope: 'user', id: subject })));
      await redis.del(keys.documents(tenant, scopeTag({ scope: 'user', id: subject })));
      const traces = await eraseTraces(redis, tenant, ids);
      const marks = await eraseMarks(redis, tenant, ids);
      const drops = await eraseDrops(redis, tenant, subject);
      const projections = await eraseProjections(redis, tenant, tasks);
      const records = await eraseRecords(redis, tenant, naming);
      const claims = await eraseClaims(redis, tenant, naming);
      const left = await aboutSubject(redis, about);
      return {
        subject,
        erased: { memories: ids.size, slots, traces, recallMarks: marks, drops, projections, records, claims },
        left: left.ids.size,
        mentionedIn: {
          memories: [...left.mentioning],
          tasks: naming.filter((task) => !task.isAbout).map(({ taskId }) => taskId),
        },
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
  return `${where} Claims of tool calls of tasks that have not ended stay, so that no effect happens twice; Temporal's search attributes and memos, and backups of Redis, are not reached.`;
}

interface About {
  readonly tenant: string;
  readonly subject: string;
  readonly names: readonly string[];
  readonly mentions: boolean;
}

/** The memories to erase and the tasks they came from, and those that only name the subject. */
async function aboutSubject(redis: Redis, { tenant, subject, names, mentions: alsoMentions }: About) {
  const [ids, tasks, mentioning] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for await (const page of memoryIds(redis, tenant)) {
    for (const memory of await readMemories(redis, tenant, page)) {
      if (!memory) continue;
      if (!isAbout(memory, subject)) {
        if (!mentions(`${memory.text} ${JSON.stringify(memory.data ?? {})} ${memory.slot ?? ''}`, names)) continue;
        (alsoMentions ? ids : mentioning).add(memory.id);
        continue;
      }
      ids.add(memory.id);
      const { taskId } = memory.provenance;
      if (taskId !== undefined) tasks.add(taskId);
      if (memory.scope.scope === 'task') tasks.add(memory.scope.id);
    }
  }
  return { ids, tasks, mentioning };
}

async function eraseMemories(redis: Redis, about: About) {
  const { tenant } = about;
  const found = await aboutSubject(redis, about);
  const slots = keys.memorySlots(tenant, '');
  await Promise.all(
    [...found.ids].map((id) =>
      redis.eval(FORGET, 4, ...touchedBy(tenant, id), keys.memoryEnding(tenant, id), id, slots),
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

async function eraseRecords(redis: Redis, tenant: string, naming: readonly NamingTask[]): Promise<number> {
  const records = naming
    .filter((task) => task.isAbout)
    .map(({ taskId }) => `${keys.taskRecordPrefix(tenant)}:${taskId}`);
  return records.length === 0 ? 0 : redis.del(records);
}

/** A task that has ended calls nothing any more, so nothing is lost by what its calls were and gave. */
async function eraseClaims(redis: Redis, tenant: string, naming: readonly NamingTask[]): Promise<number> {
  const ended = naming.filter((task) => task.isAbout && task.ended);
  const claims = await Promise.all(ended.map(({ taskId }) => redis.del(keys.claims({ tenant, taskId }))));
  return claims.reduce((sum, count) => sum + count, 0);
}

async function eraseProjections(redis: Redis, tenant: string, tasks: ReadonlySet<string>): Promise<number> {
  let erased = 0;
  for (const taskId of tasks) {
    const task = { tenant, taskId };
    erased += await redis.del(keys.transcript(task), keys.events(task), keys.endings(task), keys.promptPrint(task));
    for (const prefix of [keys.context(task, ''), keys.briefing(task, ''), keys.artifact(task, '')]) {
      for await (const page of keysWith(redis, prefix)) erased += await redis.del(page);
    }
  }
  return erased;
}
