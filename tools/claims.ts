import type { Redis } from 'ioredis';
import { keys, TIME_TO_LIVE } from '../contracts/keys.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { ToolOutcome } from '../contracts/transcript.ts';

/** A call about to act. The fence tells its attempts apart: only the newest may settle. */
export interface ClaimRequest {
  readonly task: TaskRef;
  readonly callId: string;
  readonly attempt: number;
}

/** What a claim found: the way is free, an earlier attempt's outcome, or an earlier attempt that never reported. */
export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'settled'; readonly outcome: ToolOutcome }
  | { readonly kind: 'open'; readonly attempt: number };

/** Remembers which calls have acted, so that none acts twice. */
export interface ClaimLedger {
  /** Claims a call before it acts. `takeOver`: an open claim of an earlier attempt may be taken over. */
  claim(request: ClaimRequest & { readonly takeOver: boolean }): Promise<Claim>;
  /** Settles a claim with its outcome; false where a later attempt holds it. */
  settle(request: ClaimRequest & { readonly outcome: ToolOutcome }): Promise<boolean>;
  /** Forgets the claims of a task, before another one begins under its id. */
  remove(task: TaskRef): Promise<void>;
}

// One hash a task, two fields a call. KEYS: claims; ARGV: call, attempt, takeOver (1 or 0), seconds to live
const CLAIM = `
local outcome = redis.call('HGET', KEYS[1], ARGV[1] .. ':outcome')
if outcome then return {'settled', outcome} end
local holder = redis.call('HGET', KEYS[1], ARGV[1] .. ':attempt')
if holder and (ARGV[3] == '0' or tonumber(holder) > tonumber(ARGV[2])) then return {'open', holder} end
redis.call('HSET', KEYS[1], ARGV[1] .. ':attempt', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {'claimed'}
`;

// KEYS: claims; ARGV: call, attempt, outcome
const SETTLE = `
if redis.call('HGET', KEYS[1], ARGV[1] .. ':attempt') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. ':outcome', ARGV[3])
return 1
`;

/** Runs an action against Redis and says what is wrong with Redis where it fails. */
export type RedisGuard = <Result>(doing: string, action: () => Promise<Result>) => Promise<Result>;

/** A ledger in Redis; every step is one compare-and-set. */
export function createClaimLedger(redis: Redis, guard: RedisGuard): ClaimLedger {
  return {
    claim: async ({ task, callId, attempt, takeOver }) => {
      const key = keys.claims(task);
      const values = [callId, attempt, takeOver ? 1 : 0, TIME_TO_LIVE.claims];
      const reply = await guard(`claim call ${callId} of ${task.taskId}`, () => redis.eval(CLAIM, 1, key, ...values));
      return parseClaim(key, reply);
    },
    settle: async ({ task, callId, attempt, outcome }) => {
      const values = [callId, attempt, JSON.stringify(outcome)];
      const doing = `settle call ${callId} of ${task.taskId}`;
      return (await guard(doing, () => redis.eval(SETTLE, 1, keys.claims(task), ...values))) === 1;
    },
    remove: async (task) => {
      await guard(`remove the claims of ${task.taskId}`, () => redis.del(keys.claims(task)));
    },
  };
}

function parseClaim(key: string, reply: unknown): Claim {
  const [kind, value] = Array.isArray(reply) ? reply : [];
  if (kind === 'claimed') return { kind: 'claimed' };
  if (kind === 'open') return { kind: 'open', attempt: Number(value) };
  if (kind === 'settled' && typeof value === 'string') return { kind: 'settled', outcome: JSON.parse(value) };
  throw new Error(`the claim at ${key} is unreadable: ${JSON.stringify(reply)}`);
}
