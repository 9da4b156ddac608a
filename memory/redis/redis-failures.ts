import { ApplicationFailure } from '@temporalio/common';
import type { Redis } from 'ioredis';
import { FailureType, failure } from '../../contracts/failures.ts';
import { addressOf } from './redis.ts';

/** What a Redis that answers, but cannot serve now, says first, and what a person can do about it. */
const REFUSALS: readonly (readonly [start: RegExp, advice: string])[] = [
  [/^LOADING/, 'It is still loading its data; the write is tried again.'],
  [/^READONLY/, 'It is a read-only replica: the primary is looked for; where it is at another address, set REDIS_URL.'],
  [/^UNBLOCKED/, 'It has become a replica; the primary is looked for.'],
  [/^(MOVED|ASK)/, 'It is a node of a cluster and has this key elsewhere; use a Redis without cluster mode.'],
  [/^NOREPLICAS/, 'It has fewer replicas than min-replicas-to-write asks for; start them, or lower that number.'],
  [/^(OOM|MISCONF)/, 'Give it more memory or disk, or raise maxmemory with the noeviction policy.'],
  [/^(CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY)/, 'It is not ready to serve; look at its log.'],
  [/^(NOAUTH|WRONGPASS|NOPERM)/, 'Check user and password in REDIS_URL and the rights of that user.'],
  [/unknown command '?(FT|JSON)\./i, 'It has no search or JSON module; use Redis 8, or Redis Stack 7.4.'],
];

const LOST_CONNECTION_NAMES: ReadonlySet<string> = new Set([
  'MaxRetriesPerRequestError',
  'AbortError',
  'ClientOfflineError',
  'ClientClosedError',
  'ConnectionTimeoutError',
  'DisconnectsClientError',
  'ReconnectStrategyError',
  'SocketClosedUnexpectedlyError',
  'TimeoutError',
]);
const LOST_CONNECTION_MESSAGE =
  /^(Connection is closed|Command timed out|Stream isn't writeable|Socket closed|This socket has been ended|read E|write E)/;

/** Runs `action` against Redis. @throws ApplicationFailure `MemoryUnavailable` where Redis cannot serve it now */
export async function whileRedis<Result>(redis: Redis, task: string, action: () => Promise<Result>): Promise<Result> {
  return whileServing({ address: addressOf(redis), task }, action);
}

/** As {@link whileRedis}, for any client of the server at that address. `task` completes the sentence "Cannot …". */
export async function whileServing<Result>(
  { address, task }: { readonly address: string; readonly task: string },
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw redisFailure(error, { address, task });
  }
}

/** The failure that follows from an error of either Redis client; errors that are not Redis's come back unchanged. */
export function redisFailure(error: unknown, { address, task }: { address: string; task: string }): unknown {
  if (!(error instanceof Error) || error instanceof ApplicationFailure) return error;
  const refusal = REFUSALS.find(([start]) => start.test(error.message));
  if (refusal) {
    const message = `Cannot ${task}: Redis at ${address} refuses (${error.message}). ${refusal[1]}`;
    return failure(FailureType.MemoryUnavailable, { message, cause: error });
  }
  if (!isLostConnection(error)) return error;
  const message =
    `Cannot ${task}: Redis at ${address} does not answer (${reasonOf(error)}). ` +
    'Start it, or set REDIS_URL to one that runs; the task waits and goes on by itself.';
  return failure(FailureType.MemoryUnavailable, { message, cause: error });
}

function isLostConnection(error: Error): boolean {
  if (LOST_CONNECTION_NAMES.has(error.name) || LOST_CONNECTION_NAMES.has(error.constructor.name)) return true;
  return 'syscall' in error || LOST_CONNECTION_MESSAGE.test(error.message);
}

/** The clients' own words name their options, which helps nobody who reads a failed activity. */
function reasonOf(error: Error): string {
  if (error.constructor.name === 'MaxRetriesPerRequestError') return 'no connection';
  return error.message || error.constructor.name;
}
