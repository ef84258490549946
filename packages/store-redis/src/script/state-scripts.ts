import type { Script } from "./script.ts";
import { storeScript } from "./store-script.ts";

const READ = `
local function read(key)
  local packed = redis.call('HGET', P .. 'state', key)
  if not packed then return 0, nil end
  local colon = string.find(packed, ':', 1, true)
  return tonumber(string.sub(packed, 1, colon - 1)), string.sub(packed, colon + 1)
end
`;

/** A value and its revision; nothing when there is none. */
export const STATE_READ_SCRIPT: Script = storeScript(`${READ}
local revision, value = read(given.key)
if revision == 0 then return {} end
return {revision, value}
`);

/** Compares and writes in one step: of two writers who saw the same revision one wins. */
export const STATE_WRITE_SCRIPT: Script = storeScript(`${READ}
local revision = read(given.key)
if revision ~= given.seen then return {} end
redis.call('HSET', P .. 'state', given.key, whole(revision + 1) .. ':' .. given.value)
redis.call('ZADD', P .. 'state-keys', 0, given.key)
return {revision + 1}
`);

/** Compares and removes in one step. */
export const STATE_REMOVE_SCRIPT: Script = storeScript(`${READ}
local revision = read(given.key)
if revision == 0 or revision ~= given.seen then return {0} end
redis.call('HDEL', P .. 'state', given.key)
redis.call('ZREM', P .. 'state-keys', given.key)
return {1}
`);

/** Keys in the order of their bytes. */
export const STATE_KEYS_SCRIPT: Script = storeScript(`
return redis.call('ZRANGEBYLEX', P .. 'state-keys', '[' .. given.prefix,
  '(' .. given.prefix .. string.char(255), 'LIMIT', 0, given.limit)
`);
