import { FIELD } from './memory-fields.ts';

/**
 * The values of a slot, in the order in which they were said: each names the one said before it (`supersedes`), and the
 * slot names the one said last. At any time that value holds which was said last of those that had begun by then; so a
 * value ends where the first of those said after it begins, and never has held where that is before its own beginning.
 * Whatever order they arrive in, the result is the same.
 *
 * Lua functions for scripts that have `call` (`memoryPrefix`), `now`, `no_end`, `whole` and `note`.
 */
export const SLOT_FUNCTIONS = `
local function read_value(id)
  local row = redis.call('HMGET', call.memoryPrefix .. id, '${FIELD.validFrom}', '${FIELD.said}', '${FIELD.validTo}',
    '${FIELD.liveUntil}', '${FIELD.supersedes}')
  if not row[1] then return nil end
  local from = tonumber(row[1])
  return { id = id, from = from, said = tonumber(row[2] or row[1]), ends = tonumber(row[3] or no_end),
    live = tonumber(row[4] or 0), before = row[5] }
end

-- Where a value that was said then belongs: the one said before it, the one said after it, and the first beginning of
-- any that was said after it.
local function place_value(last, said, from)
  local at, after, bound = last, nil, nil
  for _ = 1, ${1_000} do
    if not at or at.said < said or (at.said == said and at.from <= from) then break end
    bound = math.min(bound or no_end, at.from)
    after = at
    at = at.before and read_value(at.before)
  end
  return at or nil, after, bound
end

-- Ends what was said before at the beginning of what was said after it. Says whether any of it had gone on for longer.
local function end_values(value, from, by, reason)
  local ended = false
  if value and value.ends <= from then redis.call('HSET', call.memoryPrefix .. value.id, '${FIELD.supersededBy}', by) end
  local first = true
  for _ = 1, ${1_000} do
    if not value or value.ends <= from then break end
    local ends = math.max(from, value.from)
    if ends < value.ends then
      ended = true
      local live = ends > now and math.min(ends, value.live) or 0
      local fields = { '${FIELD.validTo}', whole(ends), '${FIELD.liveUntil}', whole(live), '${FIELD.ended}', whole(now) }
      if first then
        fields[7] = '${FIELD.supersededBy}'
        fields[8] = by
      end
      redis.call('HSET', call.memoryPrefix .. value.id, unpack(fields))
      note(value.id, 'superseded', reason, by)
    end
    first = false
    value = value.before and read_value(value.before)
  end
  return ended
end
`;
