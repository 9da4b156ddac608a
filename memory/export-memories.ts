import type { ExportedMemory, Memory } from '../contracts/memory.ts';
import { keys } from '../contracts/keys.ts';
import { checkTenant } from './check-memory.ts';
import { memoryIds } from './list-memories.ts';
import type { MemoryDependencies } from './memory-dependencies.ts';
import { FIELD } from './memory-fields.ts';
import { readMemoryHistory } from './memory-history.ts';
import { readMemories } from './read-memories.ts';
import { whileRedis } from './redis-failures.ts';

/** Which memories are meant; without any of these, all of the tenant. */
export interface MemorySelection {
  /** What is about this subject: its own scope, and what names it as subject. */
  readonly subject?: string;
}

/** Is this memory about that subject? */
export function isAbout({ scope, subject }: Pick<Memory, 'scope' | 'subject'>, about: string): boolean {
  return subject === about || (scope.scope === 'user' && scope.id === about);
}

/** Every memory of a tenant, or of one subject, with its history, closed ones included; one object a line of an export. */
export function createExport({ redis }: Pick<MemoryDependencies, 'redis'>) {
  return async function* exportMemories(
    tenant: string,
    { subject }: MemorySelection = {},
  ): AsyncGenerator<ExportedMemory> {
    checkTenant(tenant);
    for await (const ids of memoryIds(redis, tenant)) {
      const memories = (await readMemories(redis, tenant, ids)).filter((memory) => memory !== undefined);
      for (const memory of memories) {
        if (subject !== undefined && !isAbout(memory, subject)) continue;
        const [history, context] = await whileRedis(redis, `export memory ${memory.id}`, () =>
          Promise.all([
            readMemoryHistory(redis, tenant, memory.id),
            redis.hget(keys.memory(tenant, memory.id), FIELD.context),
          ]),
        );
        yield { memory, history, ...(context === null ? {} : { context }) };
      }
    }
  };
}
