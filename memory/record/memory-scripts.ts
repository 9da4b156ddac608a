import { TIME_TO_LIVE } from '../../contracts/keys.ts';
import { FIELD } from './memory-fields.ts';
import { SLOT_FUNCTIONS } from './slot-script.ts';

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
local id, no_end = call.id, call.noEnd
local function whole(number) return string.format('%.0f', number) end
local function given(value) return value ~= nil and value ~= cjson.null end
local now = call.now
if not given(now) then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
-- Nothing was said later than now, whatever a clock elsewhere says.
local said = math.min(given(call.said) and call.said or given(call.validFrom) and call.validFrom or now, now)
local valid_from = given(call.validFrom) and call.validFrom or said
local expires = given(call.expires) and call.expires or no_end

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
${SLOT_FUNCTIONS}
local meta = redis.call('HMGET', KEYS[3], 'model', 'dimensions', 'epoch')
if meta[1] ~= call.model or meta[2] ~= call.dimensions or tonumber(meta[3] or 0) ~= call.epoch then return {'stale'} end
if redis.call('EXISTS', KEYS[1]) > 0 then return {'known'} end
local trace = redis.call('LINDEX', KEYS[2], -1)
if trace then return {'known', cjson.decode(trace).other or ''} end

local slot = given(call.slot)
local replaces = given(call.replaces)
local last = nil
if replaces then
  last = read_value(call.replaces)
  if not last or last.ends < no_end then return {'closed', call.replaces} end
  said = math.max(said, last.said + 1)
elseif slot then
  local digest, held = string.match(redis.call('HGET', KEYS[4], call.slot) or '', '^(%S+) (.+)$')
  last = held and read_value(held)
  if last and digest == call.value and last.ends == no_end and last.live > now then
    local same = call.memoryPrefix .. last.id
    local before, after = place_value(last, said, valid_from)
    -- Next to it in the order of saying: said again, or said once before.
    if not after or after.id == last.id then
      local from = math.min(valid_from, last.from)
      local latest = math.max(said, last.said)
      if from < last.from then
        end_values(last.before and read_value(last.before), from, last.id, 'another value for its slot')
      end
      redis.call('HSET', same, '${FIELD.validFrom}', whole(from))
      if latest == from then redis.call('HDEL', same, '${FIELD.said}')
      else redis.call('HSET', same, '${FIELD.said}', whole(latest)) end
      return merge(last.id, 'said again in the same words')
    end
  end
end

local near_id, near_distance = '', ''
local fields = tonumber(ARGV[2])
if #ARGV > fields + 2 and not last then
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

-- What is said now comes after all that was said, also where the server's clock was set back.
if last and not given(call.said) and not given(call.validFrom) then
  said = math.max(said, last.said)
  now = math.max(now, said)
  valid_from = said
end
local before, after, bound = place_value(last, said, valid_from)
local reason = given(call.reason) and call.reason or 'another value for its slot'
local ended = before and end_values(before, valid_from, id, reason)
-- All of it at once: the search module indexes a memory anew, and keeps what it had, each time one of its fields is set.
local times = { '${FIELD.validFrom}', whole(valid_from), '${FIELD.liveUntil}', whole(expires), '${FIELD.created}', whole(now) }
local function set(name, value)
  times[#times + 1] = name
  times[#times + 1] = value
end
if said ~= valid_from then set('${FIELD.said}', whole(said)) end
if before then set('${FIELD.supersedes}', before.id) end
if after then
  local ends = math.max(bound, valid_from)
  redis.call('HSET', call.memoryPrefix .. after.id, '${FIELD.supersedes}', id)
  times[4] = whole(ends > now and ends > valid_from and math.min(ends, expires) or 0)
  set('${FIELD.supersededBy}', after.id)
  set('${FIELD.validTo}', whole(ends))
  set('${FIELD.ended}', whole(now))
end
for at = 3, fields + 2, 2 do
  if ARGV[at] ~= '${FIELD.created}' then set(ARGV[at], ARGV[at + 1]) end
end
redis.call('HSET', KEYS[1], unpack(times))
if given(call.expires) then
  local left = math.max(call.expires - now, 1000)
  redis.call('PEXPIRE', KEYS[1], whole(left))
  redis.call('RPUSH', KEYS[2], call.expiry)
  redis.call('PEXPIRE', KEYS[2], whole(left + ${HISTORY_STAYS_MS}))
end
if slot and not after then redis.call('HSET', KEYS[4], call.slot, call.value .. ' ' .. id) end
if after then return {'late', after.id, ''} end
if ended then return {'superseded', before.id, ''} end
return {'added', near_id, near_distance}
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
 * Writes a memory as an export had it, unless it is there. An open one whose slot has a value here already takes its place
 * among the values of the slot. KEYS memory, history, slots of its scope.
 * ARGV the call as JSON (`ImportScriptCall`), number of fields and values, these, history rows. Returns 1 where it was written.
 */
export const IMPORT = `
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
local call = cjson.decode(ARGV[1])
local now, no_end = call.now, call.noEnd
local function whole(number) return string.format('%.0f', number) end
local function note(of, change, reason, other)
  redis.call('RPUSH', call.historyPrefix .. of, cjson.encode({
    at = now, change = change, actor = call.actor, reason = reason, other = other }))
end
${SLOT_FUNCTIONS}
if call.left and call.left <= 0 then return 0 end
local fields = tonumber(ARGV[2])
redis.call('HSET', KEYS[1], unpack(ARGV, 3, fields + 2))
for at = fields + 3, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[at]) end
if call.slot then
  local held = string.match(redis.call('HGET', KEYS[3], call.slot) or '', '^%S+ (.+)$')
  local before, after, bound = place_value(held and read_value(held), call.said, call.validFrom)
  if before then
    end_values(before, call.validFrom, call.id, 'another value for its slot was imported')
    redis.call('HSET', KEYS[1], '${FIELD.supersedes}', before.id)
  end
  if after then
    local ends = math.max(bound, call.validFrom)
    local live = ends > now and ends > call.validFrom and math.min(ends, call.expires) or 0
    redis.call('HSET', call.memoryPrefix .. after.id, '${FIELD.supersedes}', call.id)
    redis.call('HSET', KEYS[1], '${FIELD.supersededBy}', after.id, '${FIELD.validTo}', whole(ends), '${FIELD.liveUntil}',
      whole(live), '${FIELD.ended}', whole(now))
    note(call.id, 'superseded', 'another value for its slot was known', after.id)
  else redis.call('HSET', KEYS[3], call.slot, call.value .. ' ' .. call.id) end
end
if call.left then
  redis.call('PEXPIRE', KEYS[1], whole(call.left))
  redis.call('PEXPIRE', KEYS[2], whole(call.left + ${HISTORY_STAYS_MS}))
end
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
