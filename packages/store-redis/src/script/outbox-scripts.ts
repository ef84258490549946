import type { Script } from "./script.ts";
import { storeScript } from "./store-script.ts";

/** A delivered id is known this long: adding it again changes nothing. */
const DONE_KEPT_MS = 2 * 86_400_000;

/** A record: 1 topic, 2 body, 3 due, 4 attempts. */
const MESSAGES = `
local messages = P .. 'outbox'
local function queue(topic) return P .. 'outbox:' .. topic end
local function read(id)
  local packed = redis.call('HGET', messages, id)
  return packed and cmsgpack.unpack(packed)
end
local function write(id, message) redis.call('HSET', messages, id, cmsgpack.pack(message)) end
`;

/** All or none, and none twice. */
export const ADD_SCRIPT: Script = storeScript(`${MESSAGES}
for _, message in ipairs(given.messages) do
  local id, topic, body, dueAtMs = message[1], message[2], message[3], message[4]
  local isKnown = redis.call('HEXISTS', messages, id) == 1
    or redis.call('EXISTS', P .. 'outbox-done:' .. id) == 1
  if not isKnown then
    write(id, {topic, body, dueAtMs, 0})
    redis.call('ZADD', queue(topic), whole(dueAtMs), id)
  end
end
return {}
`);

/** Takes messages on and hides them from others in one step: nobody else gets them meanwhile. */
export const CLAIM_SCRIPT: Script = storeScript(`${MESSAGES}
local out = {}
local topic = queue(given.topic)
local ids = redis.call('ZRANGEBYSCORE', topic, '-inf', whole(now), 'LIMIT', 0, given.limit)
for _, id in ipairs(ids) do
  local message = read(id)
  message[4] = message[4] + 1
  write(id, message)
  redis.call('ZADD', topic, whole(now + given.leaseMs), id)
  local at = #out
  out[at + 1], out[at + 2], out[at + 3], out[at + 4] = id, message[2], message[3], message[4]
end
return out
`);

/** Delivered: forgotten but for its id. */
export const DONE_SCRIPT: Script = storeScript(`${MESSAGES}
for _, id in ipairs(given.ids) do
  local message = read(id)
  if message then
    redis.call('ZREM', queue(message[1]), id)
    redis.call('HDEL', messages, id)
    redis.call('SET', P .. 'outbox-done:' .. id, '1', 'PX', ${DONE_KEPT_MS})
  end
end
return {}
`);

/** Due again at another time. */
export const RETRY_SCRIPT: Script = storeScript(`${MESSAGES}
local message = read(given.id)
if message then
  message[3] = given.dueAtMs
  write(given.id, message)
  redis.call('ZADD', queue(message[1]), whole(given.dueAtMs), given.id)
end
return {}
`);

/** How many wait, due or not. */
export const WAITING_SCRIPT: Script = storeScript(`${MESSAGES}
return {redis.call('ZCARD', queue(given.topic))}
`);
