import type { Redis } from 'ioredis';
import type { Memory } from '../../contracts/memory.ts';
import { readMemories } from '../record/read-memories.ts';
import { isUnreadable } from '../redis/stored-entry.ts';

/** The memories with these ids; one that cannot be read counts as not there, so that it holds up no care but its own. */
export async function readWhole(redis: Redis, tenant: string, ids: readonly string[]): Promise<(Memory | undefined)[]> {
  try {
    return await readMemories(redis, tenant, ids);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return Promise.all(ids.map((id) => readOne(redis, tenant, id)));
  }
}

async function readOne(redis: Redis, tenant: string, id: string): Promise<Memory | undefined> {
  try {
    return (await readMemories(redis, tenant, [id]))[0];
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}
