/**
 * Accounts, as Lua: read once a run, changed in memory, written once at its end, so that a run that
 * fails on the way has changed nothing. Numbers are doubles and stay below 2^53, where they are
 * exact; records are MessagePack because text would round them to 14 digits.
 *
 * A record: 1 limit, 2 limit version, 3 settled, 4 held, 5 leased, 6 unknown, 7 open reservations,
 * 8 corrections, 9 end of its window (0: none), 10 ephemeral (0 or 1), and for rolling windows
 * 11 slice length (0: fixed window), 12 slices kept, 13 newest slice, 14 settled and 15 unknown by
 * slice.
 */
export const ACCOUNTS = `
local MAX = 9007199254740991
local DAY = 86400000
local accounts, changed = {}, {}

local function account(id)
  local found = accounts[id]
  if found == nil then
    local packed = redis.call('GET', P .. 'a:' .. id)
    found = packed and cmsgpack.unpack(packed) or false
    accounts[id] = found
  end
  return found
end

-- Counts as in the newest slice: an instant before it, so that a clock that stepped back does not
-- charge to slices that have left, where nothing counts.
local function advance(a, atMs)
  local sliceMs = a[11]
  if sliceMs == 0 then return 0 end
  local slice, newest, kept = math.floor(atMs / sliceMs), a[13], a[12]
  if slice <= newest then return newest end
  for index = slice - math.min(slice - newest, kept) + 1, slice do
    local at = index % kept + 1
    a[3] = a[3] - a[14][at]
    a[6] = a[6] - a[15][at]
    a[14][at], a[15][at] = 0, 0
  end
  a[13] = slice
  return slice
end

-- sum is 3 (settled) or 6 (unknown); a negative amount corrects what was added to the same slice.
local function add(a, sum, amount, slice)
  if a[11] == 0 then
    a[sum] = math.max(0, math.min(MAX, a[sum] + amount))
    return
  end
  local kept, slices = a[12], a[sum == 3 and 14 or 15]
  if slice <= a[13] - kept then return end
  local at = slice % kept + 1
  local added = math.max(-slices[at], math.min(amount, MAX - a[sum]))
  slices[at] = slices[at] + added
  a[sum] = a[sum] + added
end

local function zeros(count)
  local list = {}
  for index = 1, count do list[index] = 0 end
  return list
end

-- Grows with each limit that a run brings up to date.
local limitChanges = 0

-- A ref: 1 id, 2 limit, 3 limit version, 4 end of window (0: none), 5 slice length, 6 slices kept,
-- 7 ephemeral. Opens the account, and brings limit and window up to date; gives it and its slice.
local function open(ref, atMs)
  local id = ref[1]
  local a = account(id)
  if not a then
    a = {ref[2], ref[3], 0, 0, 0, 0, 0, 0, ref[4], ref[7], ref[5]}
    if ref[5] > 0 then
      a[12], a[13] = ref[6], math.floor(atMs / ref[5])
      a[14], a[15] = zeros(ref[6]), zeros(ref[6])
    end
    accounts[id] = a
    changed[id] = true
  elseif (ref[2] ~= a[1] or ref[3] ~= a[2]) and ref[3] >= a[2] then
    a[1], a[2] = ref[2], ref[3]
    changed[id] = true
    limitChanges = limitChanges + 1
  end
  if a[11] == 0 then return a, 0 end
  local newest = a[13]
  local slice = advance(a, atMs)
  if a[13] > newest then changed[id] = true end
  return a, slice
end

-- Accounts of windows that ended this long ago may have been forgotten: none is opened anew.
local function isLongOver(a)
  return a[9] > 0 and a[9] + 7 * DAY <= now
end

local function spent(a)
  return a[3] + a[6]
end

local function taken(a)
  return a[3] + a[4] + a[5] + a[6]
end

local function say(figure)
  size = size + 1
  out[size] = figure
end

local function tell(a)
  if a then
    out[size + 1], out[size + 2], out[size + 3], out[size + 4] = a[3], a[4], a[5], a[6]
  else
    out[size + 1], out[size + 2], out[size + 3], out[size + 4] = 0, 0, 0, 0
  end
  size = size + 4
end

-- The accounts of the last reservation or settlement that told their balances, and these balances:
-- where those of the next follow from them and its own amounts, they need not be told.
local lastAccounts, lastFigures, lastCount = {}, {}, -1

local function tellAll(list, count)
  for index = 1, count do
    local a, figure = list[index], 4 * index - 3
    lastAccounts[index] = a
    if a then
      lastFigures[figure], lastFigures[figure + 1] = a[3], a[4]
      lastFigures[figure + 2], lastFigures[figure + 3] = a[5], a[6]
    end
    tell(a)
  end
  lastCount = count
end

-- Whether the balance differs from the last one by so much settled and held, and by nothing else:
-- what is told next follows from it then.
local function follows(index, a, settled, held)
  local figure = 4 * index - 3
  if a ~= lastAccounts[index] or a[5] ~= lastFigures[figure + 2] or a[6] ~= lastFigures[figure + 3]
    or a[3] ~= lastFigures[figure] + settled or a[4] ~= lastFigures[figure + 1] + held then
    return false
  end
  lastFigures[figure], lastFigures[figure + 1] = a[3], a[4]
  return true
end

-- When an account may be forgotten: long after its end, and never with something open on it.
local function forgetAt(a)
  if a[7] > 0 or a[5] > 0 then return nil end
  if a[11] > 0 then return now + a[11] * (a[12] + 1) + 7 * DAY end
  local waits = a[6] > 0 and 400 * DAY or (a[10] == 1 and 30 * DAY or 7 * DAY)
  if a[9] == 0 then return a[10] == 1 and now + waits or nil end
  return math.max(a[9], now) + waits
end

local function saveAccounts()
  for id in pairs(changed) do
    local a = accounts[id]
    local atMs = forgetAt(a)
    if atMs then
      redis.call('SET', P .. 'a:' .. id, cmsgpack.pack(a), 'PXAT', text(atMs))
    else
      redis.call('SET', P .. 'a:' .. id, cmsgpack.pack(a))
    end
  end
end
`;
