/**
 * Reservations, as Lua, by their keys. A record: 1 state, 2 expiry, 3 how long it may stand, 4 the ids
 * of its accounts, then the amount on each, and where they are not all 0: their slices, and how often
 * each account had been corrected when the end became unknown. What is open stands in the sorted set
 * `due` by the instant at which somebody must look at it; one that ended is remembered, by a key that
 * Redis expires, until it would have expired.
 */
export const RESERVATIONS = `
local HELD, DISPATCHED, UNKNOWN, LAPSED, ENDED = 1, 2, 3, 4, 5
local holds, touched, due = {}, {}, {}

-- What was reserved or ended as many alike: written as it is, before what else the run changes. Keys
-- and records; instants and keys; keys that are due no more; keys of what has ended, by when they
-- may be forgotten.
local alike, alikeDue, alikeOver, alikeEnded = {}, {}, {}, {}

-- As it stands there, until somebody looks into it.
local function packed(key)
  local found = holds[key]
  if found == nil then
    found = redis.call('GET', key)
    holds[key] = found
  end
  return found
end

local function hold(key)
  local found = packed(key)
  if type(found) == 'string' then
    found = cmsgpack.unpack(found)
    holds[key] = found
  end
  return found
end

-- Whether the accounts of a list stand once in it, have no slices, and may be held on: what
-- happens on them is plain arithmetic then.
local function describe(list, ids)
  local seen = {}
  list.accounts, list.plain = {}, true
  for index, id in ipairs(ids) do
    local a = account(id)
    list.accounts[index] = a
    if not a or seen[id] or a[11] > 0 or isLongOver(a) then list.plain = false end
    seen[id] = true
  end
end

-- The ids of a record's accounts; each is two lines.
local idLists = {}
local function idsOf(h)
  local found = idLists[h[4]]
  if not found then
    found = {}
    for id in string.gmatch(h[4], '([^\\n]*\\n[^\\n]*)\\n') do found[#found + 1] = id end
    describe(found, found)
    idLists[h[4]] = found
  end
  return found, #found
end

local function sliceOf(h, count, index)
  local slices = h[5 + count]
  return slices and slices[index] or 0
end

-- The charge of a call whose end is not known, until a late settlement corrects it.
local function unknownOn(a, h, ids, count, index)
  local amount = h[4 + index]
  if h[1] == LAPSED then a[7] = a[7] + 1 else a[4] = a[4] - amount end
  add(a, 6, amount, sliceOf(h, count, index))
  changed[ids[index]] = true
  if a[8] > 0 then
    h[5 + count] = h[5 + count] or false
    h[6 + count] = h[6 + count] or zeros(count)
    h[6 + count][index] = a[8]
  end
end

local function awaitTruth(key, h)
  h[1] = UNKNOWN
  touched[key], due[key] = h, now + 30 * DAY
end

-- Nobody sent it: the money comes back. A settlement that arrives all the same still charges.
local function lapse(key, h)
  local ids, count = idsOf(h)
  for index = 1, count do
    local a = account(ids[index])
    if a then
      a[4], a[7] = a[4] - h[4 + index], a[7] - 1
      changed[ids[index]] = true
    end
  end
  h[1] = LAPSED
  touched[key], due[key] = h, false
end

-- Takes a hold off one account and puts there what became of it. No amount (-1) means all of it.
local function endOn(a, h, ids, count, index, as, used)
  local state, amount = h[1], h[4 + index]
  if state == UNKNOWN then
    local marks = h[6 + count]
    if (marks and marks[index] or 0) ~= a[8] then
      a[7] = a[7] - 1 -- the provider's figures count it already
      changed[ids[index]] = true
      return
    end
  end
  local slice = a[11] == 0 and 0 or sliceOf(h, count, index)
  if state == UNKNOWN then add(a, 6, -amount, slice)
  elseif state ~= LAPSED then a[4] = a[4] - amount end
  if as == SETTLED then add(a, 3, used >= 0 and used or amount, slice) end
  if state ~= LAPSED then a[7] = a[7] - 1 end
  changed[ids[index]] = true
end

local function finish(key, h)
  h[1] = ENDED
  touched[key], due[key] = h, false
end

-- What is unknown for so long that nobody waits for the truth any more keeps its charge.
local function expireReservation(key)
  local h = hold(key)
  if not h or h[1] >= LAPSED then due[key] = false
  elseif h[1] == HELD then lapse(key, h)
  else
    local ids, count = idsOf(h)
    for index = 1, count do
      local a = account(ids[index])
      if a and h[1] == DISPATCHED then unknownOn(a, h, ids, count, index)
      elseif a then endOn(a, h, ids, count, index, SETTLED, -1) end
    end
    if h[1] == DISPATCHED then awaitTruth(key, h) else finish(key, h) end
  end
end

local function saveReservations()
  inChunks('MSET', nil, alike)
  for untilMs, ended in pairs(alikeEnded) do
    for index = 1, #ended do redis.call('SET', ended[index], ENDED_RECORD, 'PXAT', untilMs) end
  end
  local kept, count = {}, 0
  for key, h in pairs(touched) do
    if h[1] == LAPSED then
      redis.call('SET', key, cmsgpack.pack(h), 'PX', text(6 * DAY))
    elseif h[1] == ENDED and h[2] > now then
      redis.call('SET', key, ENDED_RECORD, 'PXAT', text(h[2]))
    elseif h[1] == ENDED then
      redis.call('DEL', key)
    else
      kept[count + 1], kept[count + 2] = key, cmsgpack.pack(h)
      count = count + 2
    end
  end
  inChunks('MSET', nil, kept)
end
`;
