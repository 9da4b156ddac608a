import { FIELD } from '../record/memory-fields.ts';

/**
 * The scripts that move a tenant's memories to another model. Each changes the facts about the tenant in one step, and
 * with them the epoch, by which every writer and reader notices.
 */

/** Opens a second space. KEYS meta. ARGV model, dimensions. Returns 'begun', 'current' (it is that already) or 'other'. */
export const BEGIN_MOVE = `
local told = redis.call('HMGET', KEYS[1], 'model', 'dimensions', 'other_model', 'other_dimensions')
if not told[1] then return 'empty' end
if told[3] then
  return told[3] == ARGV[1] and told[4] == ARGV[2] and 'begun' or 'other'
end
if told[1] == ARGV[1] and told[2] == ARGV[2] then return 'current' end
local generation = redis.call('HINCRBY', KEYS[1], 'generations', 1)
redis.call('HSET', KEYS[1], 'other_model', ARGV[1], 'other_dimensions', ARGV[2], 'other_generation', generation)
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return 'begun'
`;

/** Makes the other space the current one, and the current the other. KEYS meta. ARGV generation. 1 where it now is current. */
export const SWITCH_MODEL = `
local told = redis.call('HMGET', KEYS[1], 'model', 'dimensions', 'generation', 'other_model', 'other_dimensions',
  'other_generation')
if told[1] and (told[3] or '0') == ARGV[1] then return 1 end
if not told[4] or told[6] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'model', told[4], 'dimensions', told[5], 'generation', told[6],
  'other_model', told[1], 'other_dimensions', told[2], 'other_generation', told[3] or '0')
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return 1
`;

/** Closes the other space. KEYS meta. ARGV generation. 1 where there was such a one. */
export const END_MOVE = `
if redis.call('HGET', KEYS[1], 'other_generation') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'other_model', 'other_dimensions', 'other_generation')
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return 1
`;

/**
 * Removes a memory's vectors of a closed space. KEYS memory, meta of the tenant. ARGV generation, the memory's facts as
 * they were read, as they are to be, fields. Returns 1 where that was done.
 */
export const DROP_VECTORS = `
local spaces = redis.call('HMGET', KEYS[2], 'generation', 'other_generation')
if (spaces[1] or '0') == ARGV[1] or spaces[2] == ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], '${FIELD.meta}') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], '${FIELD.meta}', ARGV[3])
return math.min(redis.call('HDEL', KEYS[1], unpack(ARGV, 4)), 1)
`;
