import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { keys } from '../contracts/keys.ts';
import type { Caller } from './caller.ts';
import { DEFAULT_LIMITS } from './limit-settings.ts';
import type { LimitSettings } from './limit-settings.ts';
import { Problem } from './problems.ts';

/** Refuses what comes too often. @throws Problem `too-many-requests`, each of its methods */
export interface Limits {
  request(caller: Caller): Promise<void>;
  message(caller: Caller, taskId: string): Promise<void>;
  stranger(address: string): Promise<void>;
  /** Counts an open stream; call what it returns when the stream has ended. */
  stream(caller: Caller): () => void;
}

const MINUTE_S = 60;

/** Counts in Redis, so that several services share a limit; while Redis is away, each counts for itself. */
export function createLimits(redis: Redis, settings: LimitSettings = DEFAULT_LIMITS): Limits {
  const perMinute = (points: number): RateLimiterAbstract =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: '',
      points,
      duration: MINUTE_S,
      insuranceLimiter: new RateLimiterMemory({ points, duration: MINUTE_S }),
    });
  const requests = perMinute(settings.requests);
  const messages = perMinute(settings.messages);
  const strangers = new RateLimiterMemory({ points: settings.strangers, duration: MINUTE_S });
  const streams = new Map<string, number>();
  return {
    request: ({ tenant, id }) =>
      take(requests, keys.rate(tenant, `key:${id}`), `This key has sent ${settings.requests} requests in a minute.`),
    message: ({ tenant }, taskId) =>
      take(
        messages,
        keys.rate(tenant, `task:${taskId}`),
        `Task ${taskId} was sent ${settings.messages} messages in a minute; this one was not taken.`,
      ),
    stranger: (address) => take(strangers, address, 'Too many requests without a valid key came from this address.'),
    stream: ({ id }) => {
      const open = streams.get(id) ?? 0;
      if (open >= settings.streams) {
        const headers = { 'Retry-After': '5' };
        throw new Problem('too-many-requests', `This key has ${open} event streams open already.`, { headers });
      }
      streams.set(id, open + 1);
      let closed = false;
      return () => {
        if (closed) return;
        closed = true;
        const left = (streams.get(id) ?? 1) - 1;
        if (left === 0) streams.delete(id);
        else streams.set(id, left);
      };
    },
  };
}

async function take(limiter: RateLimiterAbstract, key: string, detail: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = Math.max(Math.ceil(error.msBeforeNext / 1_000), 1);
    throw new Problem('too-many-requests', detail, { headers: { 'Retry-After': String(seconds) } });
  }
}
