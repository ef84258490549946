import type { Script } from "./script.ts";
import { storeScript } from "./store-script.ts";

/** Newest lines that are always kept. */
export const KEPT_LINES = 1_000;
/** Lines of one page of `read`: a line may have a few thousand characters. */
const PAGE = 200;

/**
 * Numbers a line, keeps it and tells subscribers in one step: no number without its line, and no
 * message before its line can be read. Sent twice, it is the same line. When the log has grown to
 * twice what is kept, lines of kills that were revived or have expired go, and limits that a newer
 * one replaced.
 */
export const APPEND_SCRIPT: Script = storeScript(`
local nonce = P .. 'appended:' .. given.nonce
local known = redis.call('GET', nonce)
if known then return {tonumber(known)} end
local epoch = redis.call('INCR', P .. 'epoch')
local log = P .. 'kills'
redis.call('XADD', log, whole(epoch) .. '-0', 'kind', given.kind, 'id', given.id,
  'expires', whole(given.expiresAtMs), 'at', whole(given.atMs), 'body', given.body)
redis.call('SET', nonce, whole(epoch), 'PX', 600000)
redis.call('PUBLISH', given.channel, whole(epoch) .. ' ' .. given.body)

local length = redis.call('XLEN', log)
if length <= tonumber(redis.call('GET', P .. 'compact') or ${2 * KEPT_LINES}) then return {epoch} end
local lines = redis.call('XRANGE', log, '-', '+')
local surplus = length - ${KEPT_LINES}
local revived, newestLimit, nowMs = {}, {}, now
for index, line in ipairs(lines) do
  local fields = line[2]
  if fields[2] == 'revive' then revived[fields[4]] = index end
  if fields[2] == 'limit' then newestLimit[fields[4]] = index end
  -- The earliest of the newest lines: one jump of a clock must not end a kill.
  if index > surplus then nowMs = math.min(nowMs, tonumber(fields[8])) end
end
local kept = ${KEPT_LINES}
for index = 1, surplus do
  local fields = lines[index][2]
  local kind, id, expiresAtMs = fields[2], fields[4], tonumber(fields[6])
  local stays
  if kind == 'limit' then stays = newestLimit[id] == index
  else
    stays = kind == 'kill' and index > (revived[id] or 0)
      and (expiresAtMs < 0 or expiresAtMs > nowMs)
  end
  if stays then kept = kept + 1 else redis.call('XDEL', log, lines[index][1]) end
end
redis.call('SET', P .. 'compact', whole(2 * kept))
return {epoch}
`);

/** A page of lines above an epoch, and the number of the newest line at the same instant. */
export const READ_SCRIPT: Script = storeScript(`
local out = {tonumber(redis.call('GET', P .. 'epoch') or 0)}
local first = whole(given.epoch + 1) .. '-0'
for _, line in ipairs(redis.call('XRANGE', P .. 'kills', first, '+', 'COUNT', ${PAGE})) do
  out[#out + 1] = string.match(line[1], '^%d+')
  out[#out + 1] = line[2][10]
end
return out
`);
