import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { TranscriptStore } from '../../contracts/projection.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { isObject, parseObject, readStored } from '../redis/stored-entry.ts';

/** Writes an entry unless a later attempt already has. The attempt stands first, so that no JSON is decoded here. */
const WRITE_UNLESS_OLDER = `
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local attempt = stored and tonumber(string.match(stored, '^{"attempt":(%d+)'))
if attempt and attempt > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
`;

const ENTRY_KINDS: Readonly<Record<TranscriptEntry['kind'], true>> = {
  message: true,
  assistant: true,
  tool: true,
  observation: true,
  note: true,
  summary: true,
};
const FIELDS_PER_COMMAND = 500;

/** The transcript of a task as one hash: sequence number → entry and the attempt that wrote it. */
export function createTranscriptStore(redis: Redis): TranscriptStore {
  return {
    async write(task, entry, attempt) {
      const key = keys.transcript(task);
      const stored = JSON.stringify({ attempt, entry });
      await whileRedis(redis, `write entry ${entry.seq} of the transcript of ${task.taskId}`, () =>
        redis.eval(WRITE_UNLESS_OLDER, 1, key, entry.seq, attempt, stored, TIME_TO_LIVE.transcript),
      );
    },
    async read(task, { from, to }) {
      const key = keys.transcript(task);
      const fields = sequence(from, to);
      const texts = await whileRedis(redis, `read the transcript of ${task.taskId}`, () =>
        readFields(redis, key, fields),
      );
      return fields.flatMap((seq, index) => {
        const text = texts[index];
        return typeof text === 'string' ? [readStored(`${key} field ${seq}`, () => parseEntry(text, seq))] : [];
      });
    },
    async remove(task) {
      await whileRedis(redis, `remove the transcript of ${task.taskId}`, () => redis.unlink(keys.transcript(task)));
    },
  };
}

function sequence(from: number, to: number): number[] {
  const first = Math.max(1, from);
  return Array.from({ length: Math.max(0, to - first + 1) }, (_, offset) => first + offset);
}

async function readFields(redis: Redis, key: string, fields: readonly number[]): Promise<(string | null)[]> {
  const chunks: Promise<(string | null)[]>[] = [];
  for (let start = 0; start < fields.length; start += FIELDS_PER_COMMAND) {
    chunks.push(redis.hmget(key, ...fields.slice(start, start + FIELDS_PER_COMMAND).map(String)));
  }
  return (await Promise.all(chunks)).flat();
}

/** The door for transcript entries: what a worker of any version wrote, known by its kind and place. */
function parseEntry(text: string, seq: number): TranscriptEntry {
  const { entry } = parseObject(text);
  if (!isObject(entry) || !Object.hasOwn(ENTRY_KINDS, String(entry['kind'])))
    throw new TypeError('not a transcript entry');
  if (entry['seq'] !== seq) throw new TypeError(`an entry numbered ${String(entry['seq'])} stands here`);
  return entry as TranscriptEntry;
}
