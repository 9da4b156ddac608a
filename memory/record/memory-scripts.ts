import { TIME_TO_LIVE } from '../../contracts/keys.ts';
import { FIELD } from './memory-fields.ts';

/**
 * The scripts that change memories. Each changes one memory, its slot and its history at once, so that no reader and
 * no other writer ever sees half of it. Memories of a tenant share a hash tag, so a script may reach each of them.
 */

/** The history of a memory that has gone stays so long; it holds no text. */
export const HISTORY_STAYS_MS = TIME_TO_LIVE.memoryHistory * 1_000;

/** Rows of one memory's history that are kept beside the first, which its record tells. */
const MOST_ROWS = 200;

/**
 * Adds a memory, or recognises it, or lets it supersede the current one of its slot.
 *
 * KEYS memory, history, meta, slots of the scope.
 * ARGV the call as JSON (`RememberScriptCall`), the number of fields and values, these, and then the arguments of a
 * search for its nearest neighbours (none where it has a slot or no vector).
 * Returns what happened, the id of the other memory concerned, and how far away that is where it was found by search.
 */
export const REMEMBER = `
local call = cjson.decode(ARGV[1])
local id, now, no_end = call.id, call.now, call.noEnd
local function whole(number) return string.format('%.0f', number) end
local function given(value) return value ~= nil and value ~= cjson.null end
local valid_from = given(call.validFrom) and call.validFrom or now
local expires = given(call.expires) and call.expires or no_end
local valid_to, live_until
local supersedes, superseded_by = nil, nil

local function note(of, change, reason, other)
  local history = call.historyPrefix .. of
  redis.call('RPUSH', history, cjson.encode({
    at = now, change = change, actor = call.actor, reason = reason, other = other }))
  redis.call('LTRIM', history, -${MOST_ROWS}, -1)
  local left = redis.call('PTTL', call.memoryPrefix .. of)
  if left > 0 then redis.call('PEXPIRE', history, left + ${HISTORY_STAYS_MS}) end
end

local function merge(current, reason, distance)
  note(current, 'merged', reason, id)
  note(id, 'merged', 'the same was known', current)
  redis.call('EXPIRE', KEYS[2], call.traceSeconds)
  return {'merged', current, distance or ''}
end

local meta = redis.call('HMGET', KEYS[3], 'model', 'dimensions', 'epoch')
if meta[1] ~= call.model or meta[2] ~= call.dimensions or tonumber(meta[3] or 0) ~= call.epoch then return {'stale'} end
if redis.call('EXISTS', KEYS[1]) > 0 then return {'known'} end
local trace = redis.call('LINDEX', KEYS[2], -1)
if trace then return {'known', cjson.decode(trace).other or ''} end

local slot = given(call.slot)
local current = nil
if slot then
  local held = redis.call('HGET', KEYS[4], call.slot)
  if held then
    local digest
    digest, current = string.match(held, '^(%S+) (.+)$')
    local old = redis.call('HMGET', call.memoryPrefix .. current, '${FIELD.validTo}', '${FIELD.liveUntil}')
    local live = not old[1] and old[2] and tonumber(old[2]) > now
    if live and digest == call.value and not given(call.replaces) then
      return merge(current, 'said again in the same words')
    end
  end
end
if given(call.replaces) then current = call.replaces end

local near_id, near_distance = '', ''
local fields = tonumber(ARGV[2])
if #ARGV > fields + 2 and not current then
  local found = redis.pcall('FT.SEARCH', unpack(ARGV, fields + 3))
  if found.err then return {'unsearched', found.err} end
  for at = 2, #found, 2 do
    local row = {}
    for field = 1, #found[at + 1], 2 do row[found[at + 1][field]] = found[at + 1][field + 1] end
    if row.distance and row['${FIELD.meta}'] then
      local other = string.sub(found[at], #call.memoryPrefix + 1)
      local same = cjson.decode(row['${FIELD.meta}']).h == call.meaning
      if same and tonumber(row.distance) <= call.sameWithin then
        return merge(other, 'the same was said again', row.distance)
      end
      if near_distance == '' or tonumber(row.distance) < tonumber(near_distance) then
        near_id, near_distance = other, row.distance
      end
    end
  end
end

if current then
  local key = call.memoryPrefix .. current
  local old = redis.call('HMGET', key, '${FIELD.validFrom}', '${FIELD.validTo}', '${FIELD.liveUntil}')
  local open = old[1] and not old[2]
  if given(call.replaces) and not open then return {'closed', current} end
  if open and given(call.validFrom) and valid_from < tonumber(old[1]) then
    valid_to, live_until, superseded_by = tonumber(old[1]), 0, current
  elseif open then
    valid_from = math.max(valid_from, tonumber(old[1]))
    local at_once = not given(call.validFrom) or valid_from <= now
    local ends = at_once and 0 or math.min(valid_from, tonumber(old[3]))
    redis.call('HSET', key, '${FIELD.validTo}', whole(valid_from), '${FIELD.supersededBy}', id,
      '${FIELD.liveUntil}', whole(ends), '${FIELD.ended}', whole(now))
    note(current, 'superseded', given(call.reason) and call.reason or 'another value for its slot', id)
    supersedes = current
  end
end

redis.call('HSET', KEYS[1], '${FIELD.validFrom}', whole(valid_from),
  '${FIELD.liveUntil}', whole(live_until or expires), unpack(ARGV, 3, fields + 2))
if supersedes then redis.call('HSET', KEYS[1], '${FIELD.supersedes}', supersedes) end
if superseded_by then
  redis.call('HSET', KEYS[1], '${FIELD.supersededBy}', superseded_by, '${FIELD.validTo}', whole(valid_to),
    '${FIELD.ended}', whole(now))
end
if given(call.expires) then
  local left = math.max(call.expires - now, 1000)
  redis.call('PEXPIRE', KEYS[1], whole(left))
  redis.call('RPUSH', KEYS[2], call.expiry)
  redis.call('PEXPIRE', KEYS[2], whole(left + ${HISTORY_STAYS_MS}))
end
if slot and not superseded_by then redis.call('HSET', KEYS[4], call.slot, call.value .. ' ' .. id) end
local change = superseded_by and 'late' or supersedes and 'superseded' or 'added'
return {change, supersedes or superseded_by or near_id, supersedes and '' or near_distance}
`;

/** Frees a slot where this memory is the current one of it. ARGV[1] is its id, ARGV[2] the prefix of slot keys. */
export const RELEASE_SLOT = `
local told = redis.call('HMGET', KEYS[1], '${FIELD.scope}', '${FIELD.tags}', '${FIELD.meta}')
local slot = told[3] and cjson.decode(told[3]).b
if slot then
  local slots = ARGV[2] .. told[1]
  local field = string.match('|' .. told[2], '|k:([^|]*)') .. '|' .. slot
  local held = redis.call('HGET', slots, field)
  if held and string.match(held, '^%S+ (.+)$') == ARGV[1] then redis.call('HDEL', slots, field) end
end
`;

/** Ends the validity of an open memory. KEYS memory, history. ARGV id, slots prefix, now. Returns 1 where it was open. */
export const CLOSE = `
local now = tonumber(ARGV[3])
local found = redis.call('HMGET', KEYS[1], '${FIELD.validTo}', '${FIELD.validFrom}')
if found[1] or not found[2] then return 0 end
${RELEASE_SLOT}
local ends = string.format('%.0f', math.max(now, tonumber(found[2])))
redis.call('HSET', KEYS[1], '${FIELD.validTo}', ends, '${FIELD.liveUntil}', 0, '${FIELD.ended}', ARGV[3])
redis.call('RPUSH', KEYS[2], cjson.encode({ at = now, change = 'closed', reason = 'its validity was ended' }))
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('PEXPIRE', KEYS[2], left + ${HISTORY_STAYS_MS}) end
return 1
`;

/** Deletes a memory, its history and its slot's entry. KEYS memory, history, uses, ending. ARGV id, slots prefix. 1 where it was there. */
export const FORGET = `
${RELEASE_SLOT}
redis.call('DEL', KEYS[2], KEYS[4])
redis.call('HDEL', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1])
`;

/**
 * Writes a memory as an export had it, unless it is there. KEYS memory, history, slots of its scope.
 * ARGV field of the slot that it is current in (or empty), the slot's value, milliseconds until it expires, whether it
 * does (1, 0), number of fields and values, these, history rows. Returns 1 where it was written.
 */
export const IMPORT = `
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
local fields = tonumber(ARGV[5])
if ARGV[4] == '1' and tonumber(ARGV[3]) <= 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 6, fields + 5))
for at = fields + 6, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[at]) end
if ARGV[4] == '1' then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3] + ${HISTORY_STAYS_MS})
end
if ARGV[1] ~= '' then redis.call('HSETNX', KEYS[3], ARGV[1], ARGV[2]) end
return 1
`;

/**
 * Gives a memory the vectors of one generation, unless it has changed since it was read. KEYS memory, meta of the tenant.
 * ARGV generation, the memory's facts as they were read, as they are to be, fields and values. Returns 1 where that was
 * done, 0 where the memory is gone or was changed, -1 where the tenant no longer has this generation.
 */
export const EMBED = `
local spaces = redis.call('HMGET', KEYS[2], 'model', 'generation', 'other_model', 'other_generation')
local current = spaces[1] and (spaces[2] or '0') == ARGV[1]
if not current and not (spaces[3] and spaces[4] == ARGV[1]) then return -1 end
local told = redis.call('HMGET', KEYS[1], '${FIELD.tags}', '${FIELD.meta}')
if not told[1] or told[2] ~= ARGV[2] then return 0 end
if current then
  local left = string.gsub(string.gsub('|' .. told[1] .. '|', '|nv|', '|'), '|rv|', '|')
  redis.call('HSET', KEYS[1], '${FIELD.tags}', string.sub(left, 2, -2))
end
redis.call('HSET', KEYS[1], '${FIELD.meta}', ARGV[3], unpack(ARGV, 4))
return 1
`;

/** Gives a memory other tags, unless they have changed since they were read. KEYS memory. ARGV tags as read, tags as they are to be. */
export const RETAG = `
if redis.call('HGET', KEYS[1], '${FIELD.tags}') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], '${FIELD.tags}', ARGV[2])
return 1
`;
