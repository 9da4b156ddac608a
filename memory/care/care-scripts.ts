import { FIELD } from '../record/memory-fields.ts';
import { HISTORY_STAYS_MS, RELEASE_SLOT } from '../record/memory-scripts.ts';

/** The scripts of care. Each changes one memory, with its slot and its history, and only if it still is as it was read. */

const LIFE_LEFT = `
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[2], left + ${HISTORY_STAYS_MS}) end
`;

/**
 * Closes a memory, and marks it for deletion where ARGV[7] is a tag. KEYS memory, history, uses. ARGV id, slots prefix,
 * now, actor as JSON, reason, its uses as they were read, tag or ''. Returns 1 where it was open and unused since.
 */
export const CLOSE_FOR = `
local found = redis.call('HMGET', KEYS[1], '${FIELD.validTo}', '${FIELD.validFrom}', '${FIELD.tags}')
if found[1] or not found[2] then return 0 end
if (redis.call('HGET', KEYS[3], ARGV[1]) or '') ~= ARGV[6] then return 0 end
${RELEASE_SLOT}
local ends = string.format('%.0f', math.max(tonumber(ARGV[3]), tonumber(found[2])))
redis.call('HSET', KEYS[1], '${FIELD.validTo}', ends, '${FIELD.liveUntil}', 0, '${FIELD.ended}', ARGV[3])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], '${FIELD.tags}', found[3] .. '|' .. ARGV[7]) end
redis.call('RPUSH', KEYS[2], cjson.encode({
  at = tonumber(ARGV[3]), change = 'closed', actor = cjson.decode(ARGV[4]), reason = ARGV[5] }))
${LIFE_LEFT}
return 1
`;

/**
 * Deletes a memory that decay has closed; its history, which has no text, stays for a while. KEYS memory, history, uses.
 * ARGV id, tag, closed until, now, actor as JSON, reason, seconds that the history stays. Returns 1 where that was done.
 */
export const DELETE_DECAYED = `
local found = redis.call('HMGET', KEYS[1], '${FIELD.tags}', '${FIELD.ended}')
if not found[1] or not string.find('|' .. found[1] .. '|', '|' .. ARGV[2] .. '|', 1, true) then return 0 end
if not found[2] or tonumber(found[2]) > tonumber(ARGV[3]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('RPUSH', KEYS[2], cjson.encode({
  at = tonumber(ARGV[4]), change = 'deleted', actor = cjson.decode(ARGV[5]), reason = ARGV[6] }))
redis.call('EXPIRE', KEYS[2], ARGV[7])
return 1
`;

/**
 * Lets an open memory be superseded by another that is there and open. KEYS memory, history, the other. ARGV id, slots
 * prefix, now, actor as JSON, reason, the other's id, when the old one's validity ends. Returns 1 where that was done.
 */
export const SUPERSEDE = `
local found = redis.call('HMGET', KEYS[1], '${FIELD.validTo}', '${FIELD.validFrom}')
local other = redis.call('HMGET', KEYS[3], '${FIELD.validTo}', '${FIELD.validFrom}')
if found[1] or not found[2] or other[1] or not other[2] then return 0 end
${RELEASE_SLOT}
local ends = string.format('%.0f', math.max(tonumber(ARGV[7]), tonumber(found[2])))
-- What begins later ends nothing before that.
local lives = tonumber(ends) > tonumber(ARGV[3]) and tonumber(ends) > tonumber(found[2])
redis.call('HSET', KEYS[1], '${FIELD.validTo}', ends, '${FIELD.liveUntil}', lives and ends or 0, '${FIELD.ended}', ARGV[3],
  '${FIELD.supersededBy}', ARGV[6])
redis.call('RPUSH', KEYS[2], cjson.encode({
  at = tonumber(ARGV[3]), change = 'superseded', actor = cjson.decode(ARGV[4]), reason = ARGV[5], other = ARGV[6] }))
${LIFE_LEFT}
return 1
`;

/** Takes a memory's vector away, so that it is embedded anew. KEYS memory. ARGV tags as read, tags as they are to be, fields. */
export const UNEMBED = `
if redis.call('HGET', KEYS[1], '${FIELD.tags}') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], '${FIELD.tags}', ARGV[2])
redis.call('HDEL', KEYS[1], unpack(ARGV, 3))
return 1
`;

/**
 * Notes that memories were recalled: that they were used, at most once a day, and with which texts. KEYS uses, the marks of
 * the texts. ARGV day, seconds that uses live, seconds that marks live, ids.
 */
export const RECALLED = `
for at = 4, #ARGV do
  redis.call('SET', KEYS[at - 2], ARGV[at], 'EX', ARGV[3])
  local count, day = string.match(redis.call('HGET', KEYS[1], ARGV[at]) or '', '^(%d+) (%d+)$')
  if day ~= ARGV[1] then redis.call('HSET', KEYS[1], ARGV[at], ((count or 0) + 1) .. ' ' .. ARGV[1]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
`;

/** Removes a slot's entry that names a memory which is gone or closed. KEYS slots, memory. ARGV slot, entry as read. */
export const FREE_SLOT = `
local found = redis.call('HMGET', KEYS[2], '${FIELD.validFrom}', '${FIELD.validTo}')
if found[1] and not found[2] then return 0 end
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;
