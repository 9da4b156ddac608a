import type { ExportedMemory, Memory } from '../../contracts/memory.ts';
import { checkId, checkTenant } from '../record/check-memory.ts';
import { inspectMemory } from '../record/inspect-memory.ts';
import { memoryIds } from '../record/list-memories.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { readMemories } from '../record/read-memories.ts';

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
export function createExport({ redis, now }: Pick<MemoryDependencies, 'redis' | 'now'>) {
  return async function* exportMemories(
    tenant: string,
    { subject }: MemorySelection = {},
  ): AsyncGenerator<ExportedMemory> {
    checkTenant(tenant);
    if (subject !== undefined) checkId('subject', subject);
    for await (const ids of memoryIds(redis, tenant)) {
      const memories = (await readMemories(redis, tenant, ids)).filter((memory) => memory !== undefined);
      for (const memory of memories) {
        if (subject !== undefined && !isAbout(memory, subject)) continue;
        yield await inspectMemory(redis, tenant, { memory, now: now() });
      }
    }
  };
}
