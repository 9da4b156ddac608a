import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { ScopeRef } from '../../contracts/memory.ts';
import { slotWords } from '../remember/slot-words.ts';
import { scopeTag } from './memory-tags.ts';

const MOST_NAMES = 100;

/** The slots of a scope that are named in words, each once. */
export async function slotNames(redis: Redis, tenant: string, scope: ScopeRef): Promise<string[]> {
  const fields = await redis.hkeys(keys.memorySlots(tenant, scopeTag(scope)));
  // The kind stands before the name; a name may hold any character.
  const names = fields.map((field) => slotWords(field.slice(field.indexOf('|') + 1))).filter((name) => name !== '');
  return [...new Set(names)].toSorted().slice(0, MOST_NAMES);
}
