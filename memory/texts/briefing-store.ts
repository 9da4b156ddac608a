import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { BriefingStore } from '../../contracts/projection.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** Words that calls of a task refer to, one key each; they live as long as a context does after they were last told. */
export function createBriefingStore(redis: Redis): BriefingStore {
  return {
    async save(task, print, words) {
      await whileRedis(redis, `save briefing ${print} of ${task.taskId}`, () =>
        redis.set(keys.briefing(task, print), JSON.stringify(words), 'EX', TIME_TO_LIVE.briefing),
      );
    },
    async load(task, print) {
      const text = await whileRedis(redis, `load briefing ${print} of ${task.taskId}`, () =>
        redis.getex(keys.briefing(task, print), 'EX', TIME_TO_LIVE.briefing),
      );
      return text === null ? undefined : JSON.parse(text);
    },
  };
}
