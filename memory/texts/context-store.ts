import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import type { AssembledContext, ContextStore } from '../../contracts/projection.ts';
import { packText, unpackText } from './packed-text.ts';
import { whileRedis } from '../redis/redis-failures.ts';
import { parseObject } from '../redis/stored-entry.ts';

/** Assembled prompts, packed, one key each. An unreadable one is `ContextMissing`: it is assembled again. */
export function createContextStore(redis: Redis): ContextStore {
  return {
    async save(task, context) {
      const packed = await packText(JSON.stringify(context));
      await whileRedis(redis, `save context ${context.contextId} of ${task.taskId}`, () =>
        redis.set(keys.context(task, context.contextId), packed, 'EX', TIME_TO_LIVE.context),
      );
    },
    async load(task, contextId) {
      const key = keys.context(task, contextId);
      const packed = await whileRedis(redis, `load context ${contextId} of ${task.taskId}`, () => redis.getBuffer(key));
      return packed === null ? undefined : readContext(key, packed);
    },
  };
}

async function readContext(key: string, packed: Buffer): Promise<AssembledContext> {
  try {
    return parseContext(await unpackText(packed));
  } catch (error) {
    throw failure(FailureType.ContextMissing, {
      message: `The context under ${key} cannot be read and has to be assembled again.`,
      cause: error,
    });
  }
}

function parseContext(text: string): AssembledContext {
  const context = parseObject(text);
  const { contextId, messages, tools, sections } = context;
  const whole = Array.isArray(messages) && Array.isArray(tools) && Array.isArray(sections);
  if (typeof contextId !== 'string' || !whole) throw new TypeError('not an assembled context');
  return context as unknown as AssembledContext;
}
