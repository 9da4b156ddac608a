/**
 * The scripts of the accounting. An account is two hashes: what was spent (in all and by task) with its limits, and
 * what is reserved for calls in flight. A task's and its tenant's change together or not at all.
 *
 * KEYS of both: account, its reservations, account of the tenant, its reservations.
 */

/**
 * ARGV the request as JSON (`ReserveScriptCall`).
 * Returns `granted` and the place of the wish, or `refused` with whose, unit, limit, spent and reserved.
 */
export const RESERVE = `
local call = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local UNITS = {'tokens', 'money', 'turns', 'activeMs'}
local function whole(number) return string.format('%.0f', number) end
local function number(key, field) return tonumber(redis.call('HGET', key, field) or '0') end

for _, known in ipairs(call.known) do
  for _, unit in ipairs(UNITS) do
    local field = unit .. ':' .. known.task
    local more = known[unit] - number(KEYS[1], field)
    if more > 0 then
      redis.call('HINCRBY', KEYS[1], field, whole(more))
      redis.call('HINCRBY', KEYS[1], unit, whole(more))
    end
  end
end
for unit, limit in pairs(call.limits) do
  if limit > number(KEYS[1], 'limit:' .. unit) then redis.call('HSET', KEYS[1], 'limit:' .. unit, whole(limit)) end
end

local function reserved(key)
  local sum = {tokens = 0, money = 0, turns = 0, activeMs = 0}
  local rows = redis.call('HGETALL', key)
  for at = 1, #rows, 2 do
    local tokens, money, expires = string.match(rows[at + 1], '^(%d+) (%d+) (%d+)$')
    if tonumber(expires) < now then
      redis.call('HDEL', key, rows[at])
    elseif rows[at] ~= call.id then
      sum.tokens = sum.tokens + tonumber(tokens)
      sum.money = sum.money + tonumber(money)
    end
  end
  return sum
end

local accounts = {{whose = 'task', key = KEYS[1], open = reserved(KEYS[2]), limits = {}}}
for _, unit in ipairs(UNITS) do
  local limit = redis.call('HGET', KEYS[1], 'limit:' .. unit)
  if limit then accounts[1].limits[unit] = tonumber(limit) end
end
if call.tenantLimits then
  accounts[2] = {whose = 'tenant', key = KEYS[3], open = reserved(KEYS[4]), limits = call.tenantLimits}
end

local function obstacle(want)
  for _, account in ipairs(accounts) do
    for _, unit in ipairs(UNITS) do
      local limit = account.limits[unit]
      if limit then
        local spent = number(account.key, unit)
        local after = spent + account.open[unit] + (want[unit] or 0)
        local over = after > limit
        if unit == 'activeMs' then over = after >= limit end
        if over then
          return {'refused', account.whose, unit, whole(limit), whole(spent), whole(account.open[unit])}
        end
      end
    end
  end
end

local refusal = nil
for place, want in ipairs(call.wants) do
  refusal = obstacle(want)
  if not refusal then
    local row = whole(want.tokens) .. ' ' .. whole(want.money) .. ' ' .. whole(now + call.expiresInMs)
    redis.call('HSET', KEYS[2], call.id, row)
    redis.call('EXPIRE', KEYS[1], call.seconds)
    redis.call('EXPIRE', KEYS[2], call.seconds)
    if call.tenantLimits then
      redis.call('HSET', KEYS[4], call.id, row)
      redis.call('EXPIRE', KEYS[4], call.seconds)
    end
    return {'granted', whole(place - 1)}
  end
end
redis.call('EXPIRE', KEYS[1], call.seconds)
return refusal
`;

/** ARGV the id of the reservation, the task, tokens, money, seconds to live. */
export const SETTLE = `
local units = {tokens = ARGV[3], money = ARGV[4]}
if redis.call('HDEL', KEYS[2], ARGV[1]) == 1 then
  for unit, amount in pairs(units) do
    redis.call('HINCRBY', KEYS[1], unit, amount)
    redis.call('HINCRBY', KEYS[1], unit .. ':' .. ARGV[2], amount)
  end
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
if redis.call('HDEL', KEYS[4], ARGV[1]) == 1 then
  for unit, amount in pairs(units) do redis.call('HINCRBY', KEYS[3], unit, amount) end
  redis.call('EXPIRE', KEYS[3], ARGV[5])
end
return 1
`;
