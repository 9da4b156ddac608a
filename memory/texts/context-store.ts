import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import type { AssembledContext, ContextStore, PromptPrint } from '../../contracts/projection.ts';
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
    async exchangePrint(task, print) {
      const key = keys.promptPrint(task);
      const before = await whileRedis(redis, `keep the print of a prompt of ${task.taskId}`, () =>
        redis.set(key, JSON.stringify(print), 'EX', TIME_TO_LIVE.context, 'GET'),
      );
      return before === null ? undefined : parsePrint(before);
    },
    async load(task, contextId) {
      const key = keys.context(task, contextId);
      const packed = await whileRedis(redis, `load context ${contextId} of ${task.taskId}`, () => redis.getBuffer(key));
      return packed === null ? undefined : readContext(key, packed);
    },
  };
}

/** An unreadable one is as good as none. */
function parsePrint(text: string): PromptPrint | undefined {
  try {
    const { tools, messages, sections } = parseObject(text);
    const whole = typeof tools === 'string' && Array.isArray(messages) && Array.isArray(sections);
    return whole ? { tools, messages, sections } : undefined;
  } catch {
    return undefined;
  }
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
