import type { Redis } from 'ioredis';
import type { PublishedEvent } from '../contracts/events.ts';
import { TIME_TO_LIVE, keys } from '../contracts/keys.ts';
import type { EventLog } from '../contracts/projection.ts';
import { blockingConnection } from './redis.ts';
import { whileRedis } from './redis-failures.ts';
import { runPipeline } from './run-pipeline.ts';
import { parseObject, readStored } from './stored-entry.ts';

/** About as many events as a stream keeps; Redis trims in whole nodes, so a few more stay. */
export const EVENTS_KEPT = 2_000;
const DEFAULT_LIMIT = 500;
const OFFSET = /^\d+(-\d+)?$/;
const FIELD = 'event';

type StreamEntry = [id: string, fields: string[]];

/** The events of a task as a bounded Redis stream; an offset is the stream's own id. */
export function createEventLog(redis: Redis): EventLog {
  return {
    async publish(task, events) {
      if (events.length === 0) return;
      const key = keys.events(task);
      await whileRedis(redis, `publish events of ${task.taskId}`, async () => {
        const pipeline = redis.pipeline();
        for (const event of events) pipeline.xadd(key, 'MAXLEN', '~', EVENTS_KEPT, '*', FIELD, JSON.stringify(event));
        await runPipeline(pipeline.expire(key, TIME_TO_LIVE.events));
      });
    },
    async remove(task) {
      await whileRedis(redis, `remove the events of ${task.taskId}`, () => redis.del(keys.events(task)));
    },
    async read(task, { from, limit = DEFAULT_LIMIT, waitMs = 0 }) {
      if (!OFFSET.test(from)) throw new RangeError(`"${from}" is no event offset: give one back as it came, or "0"`);
      const key = keys.events(task);
      const entries = await whileRedis(redis, `read events of ${task.taskId}`, async () => {
        const present = await redis.xrange(key, `(${from}`, '+', 'COUNT', limit);
        return present.length > 0 || waitMs <= 0 ? present : waitForEntries(redis, { key, from, limit, waitMs });
      });
      return entries.map(([id, fields]) => readStored(`${key} entry ${id}`, () => parseEvent(id, fields)));
    },
  };
}

async function waitForEntries(
  redis: Redis,
  { key, from, limit, waitMs }: { key: string; from: string; limit: number; waitMs: number },
): Promise<StreamEntry[]> {
  const connection = blockingConnection(redis, { waitMs });
  try {
    const streams = await connection.xread('COUNT', limit, 'BLOCK', waitMs, 'STREAMS', key, from);
    return streams?.[0]?.[1] ?? [];
  } finally {
    connection.disconnect();
  }
}

/** The door for events. Types this version does not know are let through: a watcher ignores them. */
function parseEvent(offset: string, fields: readonly string[]): PublishedEvent {
  const text = fields[fields.indexOf(FIELD) + 1];
  const event = parseObject(text ?? '');
  if (typeof event['type'] !== 'string' || typeof event['at'] !== 'string') throw new TypeError('not an event');
  return { ...event, offset } as PublishedEvent;
}
