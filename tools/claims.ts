import type { Redis } from 'ioredis';
import { keys, TIME_TO_LIVE } from '../contracts/keys.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { IsoTime } from '../contracts/json.ts';
import type { ToolOutcome } from '../contracts/transcript.ts';

/** A call about to act. The fence tells its attempts apart: only the newest may settle. */
export interface ClaimRequest {
  readonly task: TaskRef;
  readonly callId: string;
  readonly attempt: number;
}

/** How a call is claimed. */
export interface ClaimTerms {
  /** An open claim of an earlier attempt may be taken over. */
  readonly takeOver: boolean;
  /**
   * Given where an earlier attempt of this call may have acted: the ledger as it was when the run began, as `open` named
   * it. If it is no longer that one, a claim that is not there may have been lost.
   */
  readonly triedSince?: string;
}

/**
 * What a claim found: the way is free, an earlier attempt's outcome, an earlier attempt that never reported, or a ledger
 * that was lost in between, so that nobody knows.
 */
export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'settled'; readonly outcome: ToolOutcome }
  | { readonly kind: 'open'; readonly attempt: number; readonly at: IsoTime }
  | { readonly kind: 'lost' };

/** Remembers which calls have acted, so that none acts twice. */
export interface ClaimLedger {
  /**
   * Opens the ledger of a task for a run, before any of the run's calls. Claims of an earlier task under the same id are
   * forgotten by its first run (`fresh`).
   * @returns the ledger's name: another one after Redis was emptied or restarted
   */
  open(opened: { readonly task: TaskRef; readonly runId: string; readonly fresh: boolean }): Promise<string>;
  /** Claims a call before it acts. */
  claim(request: ClaimRequest & ClaimTerms): Promise<Claim>;
  /** Gives a claim back under which nothing was done. */
  release(request: ClaimRequest): Promise<void>;
  /** Settles a claim with its outcome; false where a later attempt holds it. */
  settle(request: ClaimRequest & { readonly outcome: ToolOutcome }): Promise<boolean>;
}

// A Redis that was restarted may have lost its last writes, as a replica may that took over: it names itself anew.
const SERVER = `
local function server() return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '' end
`;

// A zombie that opens a first run late must not forget what the run has claimed by then: `first` is written once a task.
// KEYS: claims; ARGV: run, fresh (1 or 0), seconds to live
const OPEN = `${SERVER}
if ARGV[2] == '1' and redis.call('HGET', KEYS[1], 'first') ~= ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'first', ARGV[1])
end
local ledger = ARGV[1] .. '.' .. server()
redis.call('HSET', KEYS[1], 'ledger', ledger)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return ledger
`;

// One hash a task, three fields a call. KEYS: claims; ARGV: call, attempt, takeOver (1 or 0), ledger ('' where this is
// surely the first attempt), seconds to live
const CLAIM = `${SERVER}
local outcome = redis.call('HGET', KEYS[1], ARGV[1] .. ':outcome')
if outcome then return {'settled', outcome} end
local holder = redis.call('HGET', KEYS[1], ARGV[1] .. ':attempt')
if holder and (ARGV[3] == '0' or tonumber(holder) > tonumber(ARGV[2])) then
  return {'open', holder, redis.call('HGET', KEYS[1], ARGV[1] .. ':at') or '0'}
end
if not holder and ARGV[3] == '0' and ARGV[4] ~= '' then
  local ledger = redis.call('HGET', KEYS[1], 'ledger')
  if ledger ~= ARGV[4] or string.match(ledger, '%.(%x+)$') ~= server() then return {'lost'} end
end
redis.call('HSET', KEYS[1], ARGV[1] .. ':attempt', ARGV[2], ARGV[1] .. ':at', redis.call('TIME')[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {'claimed'}
`;

// KEYS: claims; ARGV: call, attempt, outcome
const SETTLE = `
if redis.call('HGET', KEYS[1], ARGV[1] .. ':attempt') ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[1], ARGV[1] .. ':outcome') == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. ':outcome', ARGV[3])
return 1
`;

// KEYS: claims; ARGV: call, attempt
const RELEASE = `
if redis.call('HGET', KEYS[1], ARGV[1] .. ':attempt') ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[1], ARGV[1] .. ':outcome') == 1 then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1] .. ':attempt', ARGV[1] .. ':at')
`;

/** Runs an action against Redis and says what is wrong with Redis where it fails. */
export type RedisGuard = <Result>(doing: string, action: () => Promise<Result>) => Promise<Result>;

/** A ledger in Redis; every step is one compare-and-set. */
export function createClaimLedger(redis: Redis, guard: RedisGuard): ClaimLedger {
  return {
    open: async ({ task, runId, fresh }) => {
      const values = [runId, fresh ? 1 : 0, TIME_TO_LIVE.claims];
      const doing = `open the claims of ${task.taskId}`;
      return String(await guard(doing, () => redis.eval(OPEN, 1, keys.claims(task), ...values)));
    },
    claim: async ({ task, callId, attempt, takeOver, triedSince = '' }) => {
      const key = keys.claims(task);
      const values = [callId, attempt, takeOver ? 1 : 0, triedSince, TIME_TO_LIVE.claims];
      const reply = await guard(`claim call ${callId} of ${task.taskId}`, () => redis.eval(CLAIM, 1, key, ...values));
      return parseClaim(key, reply);
    },
    release: async ({ task, callId, attempt }) => {
      const doing = `give back the claim of call ${callId} of ${task.taskId}`;
      await guard(doing, () => redis.eval(RELEASE, 1, keys.claims(task), callId, attempt));
    },
    settle: async ({ task, callId, attempt, outcome }) => {
      const values = [callId, attempt, JSON.stringify(outcome)];
      const doing = `settle call ${callId} of ${task.taskId}`;
      return (await guard(doing, () => redis.eval(SETTLE, 1, keys.claims(task), ...values))) === 1;
    },
  };
}

function parseClaim(key: string, reply: unknown): Claim {
  const [kind, value, at] = Array.isArray(reply) ? reply : [];
  if (kind === 'claimed' || kind === 'lost') return { kind };
  if (kind === 'open') return { kind, attempt: Number(value), at: new Date(Number(at) * 1_000).toISOString() };
  if (kind === 'settled' && typeof value === 'string') return { kind: 'settled', outcome: JSON.parse(value) };
  throw new Error(`the claim at ${key} is unreadable: ${JSON.stringify(reply)}`);
}
