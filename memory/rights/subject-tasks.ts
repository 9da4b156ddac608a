import type { Redis } from 'ioredis';
import * as z from 'zod';
import { keys } from '../../contracts/keys.ts';
import { hasEnded } from '../../contracts/task.ts';
import { keysWith } from '../record/list-memories.ts';
import { readStored } from '../redis/stored-entry.ts';

const recordSchema = z.looseObject({ taskId: z.string(), subject: z.string().exactOptional(), status: z.string() });

/** A task whose record names a subject. */
export interface NamingTask {
  readonly taskId: string;
  readonly ended: boolean;
  /** It is about the subject; otherwise its record only mentions it. */
  readonly isAbout: boolean;
}

/** The tasks of a tenant whose records are about a subject, or name it in their goal or plan. */
export async function tasksNaming(
  redis: Redis,
  { tenant, subject, names }: { readonly tenant: string; readonly subject: string; readonly names: readonly string[] },
): Promise<NamingTask[]> {
  const found: NamingTask[] = [];
  for await (const page of keysWith(redis, `${keys.taskRecordPrefix(tenant)}:`)) {
    for (const key of page) {
      const text: unknown = await redis.call('JSON.GET', key, '$');
      if (typeof text !== 'string') continue;
      const [record] = readStored(key, () => z.array(recordSchema).parse(JSON.parse(text)));
      if (!record) continue;
      const isAbout = record.subject === subject;
      if (isAbout || mentions(text, names)) {
        found.push({ taskId: record.taskId, ended: hasEnded(record.status), isAbout });
      }
    }
  }
  return found;
}

/** Does a text hold one of these names, as words of their own, whatever their case? */
export function mentions(text: string, names: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return names.some((name) => {
    const wanted = name.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      if (!inWord(lower[at - 1]) && !inWord(lower[at + wanted.length])) return true;
    }
    return false;
  });
}

function inWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
