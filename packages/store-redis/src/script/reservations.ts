/**
 * Reservations, as Lua, by their keys. A record: 1 state, 2 expiry, 3 how long it may stand, 4 the
 * ids of its accounts, then the amount on each, and where they are not all 0: their slices, and how
 * often each account had been corrected when the end became unknown; `attempts`, where several
 * attempts of one call share it. What is open stands in the sorted set `due` by the instant at
 * which somebody must look at it; one that ended is remembered until it would have expired.
 *
 * What was reserved as many alike stands in `due` as a group, one member for up to 64 keys, and
 * what ended as many alike is forgotten when it is due; of others that ended Redis expires the key.
 */
export const RESERVATIONS = `
local HELD, DISPATCHED, UNKNOWN, LAPSED, ENDED = 1, 2, 3, 4, 5
local ENDED_RECORD = cmsgpack.pack({ENDED})
local holds, touched, due = {}, {}, {}

-- What was reserved or ended as many alike, keys and records: written as it is, before what else the
-- run changes. Instants and groups of what is due. Keys that may go.
local alike, alikeDue, forgotten = {}, {}, {}

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

-- Makes the next so many keys one record.
local function setAlike(more, record)
  local count = #alike
  for index = 1, more do
    local key = nextKey()
    holds[key] = record
    alike[count + 1], alike[count + 2] = key, record
    count = count + 2
  end
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

-- Another attempt of one call holds nothing of its own.
local function share(key, h)
  if h[1] > DISPATCHED then return end
  h.attempts = (h.attempts or 1) + 1
  touched[key] = h
end

-- Gives back the share of one attempt; gives whether others are left.
local function unshare(key, h)
  if (h.attempts or 1) == 1 then return false end
  h.attempts = h.attempts - 1
  touched[key] = h
  return true
end

-- As if it had never been: the id is free.
local function forget(key)
  forgotten[#forgotten + 1] = key
  holds[key], touched[key], due[key] = false, nil, false
end

local function finish(key, h)
  h[1] = ENDED
  touched[key], due[key] = h, false
end

-- What is unknown for so long that nobody waits for the truth any more keeps its charge. Gives whether
-- an end was due.
local function expireReservation(key)
  local h = hold(key)
  if not h or h[1] >= LAPSED then
    due[key] = false
    if h and h[1] == ENDED and h[2] then
      forget(key)
    end
    return false
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
  return true
end

-- Members of a group that were dispatched later, or have been made anew, are due by themselves. Gives
-- how many it has, and for how many an end was due.
local function expireGroup(group)
  local members, unread, ends = {}, {}, 0
  for key in string.gmatch(string.sub(group, #P + 3), '[^\\n]+') do
    members[#members + 1] = key
    if holds[key] == nil then unread[#unread + 1] = key end
  end
  prefetch(unread, unread, holds)
  for _, key in ipairs(members) do
    local h = hold(key)
    if h and h[2] and h[2] <= now and expireReservation(key) then ends = ends + 1 end
  end
  due[group] = false
  return #members, ends
end

local function saveReservations()
  inChunks('DEL', nil, forgotten)
  inChunks('MSET', nil, alike)
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
