import { defineScript, type Script } from "./script.ts";

/** The word with which a script refuses when the data it knew is gone. */
export const LOST = "BRLOST";

/** Name of the channel on which new lines of the kill log are told. */
export const KILL_CHANNEL = "kills";

/** What the scripts beside the ledger's begin with: nothing is done in a store that was emptied. */
const PRELUDE = `
local P = KEYS[1]
local given = cjson.decode(ARGV[1])
if redis.call('GET', P .. 'schema') ~= given.schema then
  return redis.error_reply('${LOST} the data of this namespace is gone')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
`;

/** A script on the data of an opened namespace. `given` is its payload, `P` begins every key. */
export function storeScript(body: string): Script {
  return defineScript(PRELUDE + body);
}

/**
 * Opens a namespace: the first process writes its mark, all others read the same one, however many
 * start at once. Data of the version before need no change but the mark's: processes of that
 * version, which do not know groups of reservations, do nothing any more then. A message that says
 * nothing shows whether this user may tell kills: else the first kill would bring it to light.
 */
export const OPEN_SCRIPT: Script = defineScript(`
local P = KEYS[1]
local given = cjson.decode(ARGV[1])
local kind = redis.call('TYPE', P .. 'schema').ok
if kind == 'none' then redis.call('SET', P .. 'schema', given.schema)
elseif kind ~= 'string' then return {'', 0, 0, P} end
local schema = redis.call('GET', P .. 'schema')
local older = string.match(schema, '^burnrate%-store 1 (.+)$')
if older then
  schema = 'burnrate-store 2 ' .. older
  redis.call('SET', P .. 'schema', schema)
end
local word = string.match(schema, '^burnrate%-store %d+ (.+)$')
if word then redis.call('PUBLISH', P .. '${KILL_CHANNEL}:' .. word, '') end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {schema, now, tonumber(redis.call('GET', P .. 'epoch') or 0), P}
`);
