import { randomUUID } from 'node:crypto';
import type { MemoryChanges, MemoryWrite } from '../../contracts/memory.ts';
import type { Actor } from '../../contracts/transcript.ts';
import { checkJoinedId, checkNewMemory } from '../record/check-memory.ts';
import type { MemoryDependencies } from '../memory-dependencies.ts';
import { readMemories } from '../record/read-memories.ts';
import { writeOf } from './remember-call.ts';
import { createWriter, placeOf, prepared } from './remember.ts';

/** Puts a corrected memory in the place of another, which keeps its interval and says why it ended. */
export function createUpdate(deps: MemoryDependencies) {
  const write = createWriter(deps);
  return async (
    tenant: string,
    id: string,
    { changes, reason, actor, newId }: { changes: MemoryChanges; reason: string; actor: Actor; newId?: string },
  ): Promise<MemoryWrite> => {
    checkJoinedId('memory id', id);
    await deps.indexes.open(tenant);
    const [old] = await readMemories(deps.redis, tenant, [id]);
    if (!old) throw new RangeError(`there is no memory "${id}" to update`);
    const {
      validTo: _to,
      createdAt: _at,
      validFrom: _from,
      saidAt: _said,
      supersedes: _p,
      supersededBy: _r,
      ...kept
    } = old;
    const memory = { ...kept, ...changes, id: newId ?? randomUUID() };
    checkNewMemory(memory);
    const next = [{ id: memory.id, memory: prepared(memory, deps, placeOf(tenant, actor)) }];
    const [reply] = await write(tenant, next, { actor, replaces: { id, reason } });
    if (reply?.change === 'closed') {
      throw new RangeError(`memory "${id}" is no longer current (see its history): update the one that superseded it`);
    }
    const done = writeOf(memory.id, reply ?? { change: 'known', other: '' });
    return done.change === 'superseded' ? { ...done, reason } : done;
  };
}
