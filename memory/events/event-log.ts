import type { Redis } from 'ioredis';
import type { GapEvent, PublishedEvent } from '../../contracts/events.ts';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { EventLog, EventReader } from '../../contracts/projection.ts';
import { readEntries, FIELD } from './event-entry.ts';
import { lostGap, withGaps } from './event-gaps.ts';
import { BEGINNING, isAfter, placeOf } from './event-offset.ts';
import type { EventTail } from './event-tail.ts';
import { createEventTail } from './event-tail.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** About as many events as a stream keeps; Redis trims in whole nodes, so a few more stay. */
export const EVENTS_KEPT = 2_000;
const DEFAULT_LIMIT = 500;
/** A reader that takes its time keeps no more in memory than it was given at once. */
const GIVEN_AT_ONCE = 50;

/**
 * Adds events under ids that are both time and number: the time never goes back, and the number goes on from the last
 * one's. So one id orders, resumes and tells a hole.
 *
 * KEYS stream. ARGV how many to keep, seconds to live, events.
 */
const PUBLISH = `
local time = redis.call('TIME')
local ms, number = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), 0
if redis.call('EXISTS', KEYS[1]) == 1 then
  local about = redis.call('XINFO', 'STREAM', KEYS[1])
  for at = 1, #about, 2 do
    if about[at] == 'last-generated-id' then
      local last_ms, last_number = string.match(about[at + 1], '^(%d+)-(%d+)$')
      ms, number = math.max(ms, tonumber(last_ms)), tonumber(last_number)
    end
  end
end
for at = 3, #ARGV do
  number = number + 1
  local id = string.format('%.0f-%.0f', ms, number)
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], id, '${FIELD}', ARGV[at])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return number
`;

/** The events of a task as a bounded Redis stream; an offset is the stream's own id. */
export function createEventLog(redis: Redis): EventLog {
  const tail = createEventTail(redis);
  return {
    async publish(task, events) {
      if (events.length === 0) return;
      const texts = events.map((event) => JSON.stringify(event));
      await whileRedis(redis, `publish events of ${task.taskId}`, () =>
        redis.eval(PUBLISH, 1, keys.events(task), EVENTS_KEPT, TIME_TO_LIVE.events, ...texts),
      );
    },
    async remove(task) {
      await whileRedis(redis, `remove the events of ${task.taskId}`, () => redis.del(keys.events(task)));
    },
    async read(task, { from, limit = DEFAULT_LIMIT }) {
      placeOf(from);
      return readAfter(redis, { key: keys.events(task), taskId: task.taskId, from, limit });
    },
    follow(task, from) {
      placeOf(from);
      return createReader({ redis, tail, key: keys.events(task), taskId: task.taskId }, from);
    },
  };
}

interface Following {
  readonly redis: Redis;
  readonly tail: EventTail;
  readonly key: string;
  readonly taskId: string;
}

function createReader(following: Following, from: string): EventReader {
  const { tail, key } = following;
  const reader = {};
  let place = from === '0' ? BEGINNING : from;
  let checked = place === BEGINNING;

  const goOn = (events: readonly PublishedEvent[]): readonly (PublishedEvent | GapEvent)[] => {
    const last = placeOf(place).number;
    place = events.at(-1)?.offset ?? place;
    return withGaps(events, last);
  };
  /** Once: an offset beyond the end is one of a stream that is gone. */
  const checkPlace = async (): Promise<readonly GapEvent[]> => {
    if (await isWithin(following, place)) return [];
    const gap = lostGap(placeOf(place).number);
    place = BEGINNING;
    return [gap];
  };
  return {
    next: async ({ waitMs, signal }) => {
      const near = checked ? tail.after(key, place) : undefined;
      if (near && near.length > 0) return goOn(near.slice(0, GIVEN_AT_ONCE));
      if (!near || waitMs <= 0) {
        const kept = await readAfter(following.redis, { ...following, from: place, limit: GIVEN_AT_ONCE });
        const lost = checked || kept.length > 0 ? [] : await checkPlace();
        checked = true;
        if (kept.length + lost.length > 0) return [...lost, ...goOn(kept)];
      }
      if (waitMs <= 0 || signal?.aborted === true) return [];
      tail.join(key, reader, place);
      await tail.moved(key, place, { waitMs, signal });
      return goOn((tail.after(key, place) ?? []).slice(0, GIVEN_AT_ONCE));
    },
    close: () => tail.leave(key, reader),
  };
}

async function readAfter(
  redis: Redis,
  { key, taskId, from, limit }: { key: string; taskId: string; from: string; limit: number },
): Promise<PublishedEvent[]> {
  const entries = await whileRedis(redis, `read events of ${taskId}`, () =>
    redis.xrange(key, `(${from}`, '+', 'COUNT', limit),
  );
  return readEntries(key, entries);
}

/** Is there such a stream, and does it reach as far as that? */
async function isWithin({ redis, key, taskId }: Following, offset: string): Promise<boolean> {
  const [last] = await whileRedis(redis, `read events of ${taskId}`, () => redis.xrevrange(key, '+', '-', 'COUNT', 1));
  return last !== undefined && !isAfter(offset, last[0]);
}
