import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import { FIELD } from '../record/memory-fields.ts';
import { RECALLED } from '../care/care-scripts.ts';
import { DAY_MS } from '../care/memory-uses.ts';
import { digest } from '../redis/text-digest.ts';
import { wordsOf } from '../search/search-terms.ts';

/** Stands for a text whatever its case, spacing and punctuation, and whatever list it was quoted in. */
export function fingerprint(text: string): string {
  return digest(wordsOf(text).join(' '));
}

/** Notes that these memories were recalled: for as long as they live how often, and for a day their texts, so that they are not taken for news when a model repeats them. */
export async function markRecalled(
  redis: Redis,
  tenant: string,
  recalled: readonly { readonly id: string; readonly text: string }[],
  now: number,
): Promise<void> {
  if (recalled.length === 0) return;
  const marks = recalled.map(({ text }) => keys.memoryRecalled(tenant, fingerprint(text)));
  const day = Math.floor(now / DAY_MS);
  const lives = [TIME_TO_LIVE.memoryUses, TIME_TO_LIVE.memoryRecalled];
  const ids = recalled.map(({ id }) => id);
  // Recall works on a Redis that is full or read-only, too; then only this mark is missing.
  await redis
    .eval(RECALLED, 1 + marks.length, keys.memoryUses(tenant), ...marks, day, ...lives, ...ids)
    .catch(() => undefined);
}

/** For each text the memory that was recalled with it in the last day and is still recalled today. */
export async function echoesOf(
  redis: Redis,
  { tenant, texts, now }: { readonly tenant: string; readonly texts: readonly string[]; readonly now: number },
): Promise<(string | undefined)[]> {
  if (texts.length === 0) return [];
  const ids = await redis.mget(texts.map((text) => keys.memoryRecalled(tenant, fingerprint(text))));
  const ends = await Promise.all(ids.map((id) => redis.hget(keys.memory(tenant, id ?? ''), FIELD.liveUntil)));
  return ids.map((id, at) => (id !== null && Number(ends[at] ?? 0) > now ? id : undefined));
}
