import type { Redis } from 'ioredis';
import { keys, TIME_TO_LIVE } from '../contracts/keys.ts';
import type { RedisGuard } from './claims.ts';

/** Bounds on a tool over all workers and tasks. What is absent is not bounded. */
export interface ToolLimits {
  /** Calls a minute, of all tenants together; as many may come at once after a quiet minute. */
  readonly perMinute?: number;
  /** Calls a minute of one tenant. */
  readonly perMinuteOfTenant?: number;
  /** Calls in flight. */
  readonly atOnce?: number;
  /** After so many failures in a row the backend is left alone for `restMs`; then one call tries whether it is back. */
  readonly breaker?: { readonly failures: number; readonly restMs: number };
}

/** A call that would go out now. */
export interface GatedCall {
  readonly tool: string;
  readonly tenant: string;
  readonly limits: ToolLimits;
  /** Names the attempt, as one that holds a place among those in flight. */
  readonly holder: string;
  /** After which its place is free whatever became of it, in milliseconds. */
  readonly longestMs: number;
}

/** Whether a call may go out; how long until it is worth asking again; or that the backend is left alone, and why. */
export type Entry =
  | { readonly kind: 'free' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'broken'; readonly reason: string; readonly ms: number };

export interface ToolGate {
  enter(call: GatedCall): Promise<Entry>;
  /** Gives the place back. `broke`: what the backend failed of; absent where it answered. */
  leave(call: GatedCall, broke?: string): Promise<void>;
}

// A bucket holds a minute's calls and fills evenly; a call takes one from each, or from none. KEYS: the tool's state, its
// calls in flight; ARGV: tenant, perMinute, perMinuteOfTenant, atOnce, breaker failures, holder, longest ms, seconds to live
const ENTER = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function number(field) return tonumber(redis.call('HGET', KEYS[1], field) or '') end
local failures = tonumber(ARGV[5])
if failures > 0 and (number('failures') or 0) >= failures then
  local rest = number('restUntil') or 0
  if rest > now then return {'broken', rest - now, redis.call('HGET', KEYS[1], 'reason') or ''} end
  local probing = number('probingUntil') or 0
  if probing > now then return {'broken', probing - now, redis.call('HGET', KEYS[1], 'reason') or ''} end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local atOnce = tonumber(ARGV[4])
if atOnce > 0 and redis.call('ZCARD', KEYS[2]) >= atOnce and not redis.call('ZSCORE', KEYS[2], ARGV[6]) then
  return {'wait', 250}
end
local buckets = {{'all', tonumber(ARGV[2])}, {'of:' .. ARGV[1], tonumber(ARGV[3])}}
local wait = 0
for _, bucket in ipairs(buckets) do
  local name, rate = bucket[1], bucket[2]
  if rate > 0 then
    local left = math.min((number(name) or rate) + (now - (number(name .. ':at') or now)) * rate / 60000, rate)
    bucket.left = left
    if left < 1 then wait = math.max(wait, math.ceil((1 - left) * 60000 / rate)) end
  end
end
if wait > 0 then return {'wait', wait} end
for _, bucket in ipairs(buckets) do
  if bucket.left then redis.call('HSET', KEYS[1], bucket[1], bucket.left - 1, bucket[1] .. ':at', now) end
end
if failures > 0 and (number('failures') or 0) >= failures then
  redis.call('HSET', KEYS[1], 'probingUntil', now + tonumber(ARGV[7]))
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[7]), ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[8])
redis.call('EXPIRE', KEYS[2], ARGV[8])
return {'free'}
`;

// KEYS as above; ARGV: holder, rest ms, '' or what it broke of, seconds to live
const LEAVE = `
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[1], 'probingUntil')
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], 'failures', 'restUntil', 'reason')
  return 0
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'restUntil', now + tonumber(ARGV[2]), 'reason', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return redis.call('HINCRBY', KEYS[1], 'failures', 1)
`;

const LONGEST_REASON = 300;

/** A gate in Redis, the same for all workers. */
export function createToolGate(redis: Redis, guard: RedisGuard): ToolGate {
  const keysOf = (tool: string): [string, string] => [keys.toolLimits(tool), keys.toolCalls(tool)];
  return {
    enter: async ({ tool, tenant, limits, holder, longestMs }) => {
      const { perMinute = 0, perMinuteOfTenant = 0, atOnce = 0, breaker } = limits;
      const bounds = [tenant, perMinute, perMinuteOfTenant, atOnce, breaker?.failures ?? 0];
      const values = [...keysOf(tool), ...bounds, holder, longestMs, TIME_TO_LIVE.toolLimits];
      return parseEntry(await guard(`ask whether ${tool} may be called`, () => redis.eval(ENTER, 2, ...values)));
    },
    leave: async ({ tool, limits, holder }, broke = '') => {
      const rest = limits.breaker?.restMs ?? 0;
      const values = [...keysOf(tool), holder, rest, broke.slice(0, LONGEST_REASON), TIME_TO_LIVE.toolLimits];
      await guard(`give back the place of a call of ${tool}`, () => redis.eval(LEAVE, 2, ...values));
    },
  };
}

function parseEntry(reply: unknown): Entry {
  const [kind, ms, reason] = Array.isArray(reply) ? reply : [];
  if (kind === 'free') return { kind };
  if (kind === 'wait') return { kind, ms: Number(ms) };
  if (kind === 'broken') return { kind, ms: Number(ms), reason: String(reason) };
  throw new Error(`the limits of a tool are unreadable: ${JSON.stringify(reply)}`);
}
