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

local function hold(key)
  local found = holds[key]
  if found == nil then
    local packed = redis.call('GET', key)
    found = packed and cmsgpack.unpack(packed) or false
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

/** Check, then hold, on all accounts or on none: no other client can take the money in between. */
export const RESERVE = `
local opened = {}

-- A set is a list of refs; its name holds their ids.
for _, set in ipairs(sets) do
  local lines, seen = {}, {}
  set.ids = {}
  for index, number in ipairs(set) do
    local id = refs[number][1]
    set.ids[index], lines[index] = id, id .. '\\n'
    set.repeats = set.repeats or seen[id]
    seen[id] = true
  end
  set.name = table.concat(lines)
end

-- Of an account that appears twice the amounts add up.
local function fits(h, index, repeats)
  local a, amount = opened[index], h[4 + index]
  if amount < 0 or (a[9] > 0 and isLongOver(a)) then return false end
  if repeats then
    for other = 1, index - 1 do
      if opened[other] == a then amount = amount + h[4 + other] end
    end
  end
  return a[3] + a[4] + a[5] + a[6] + amount <= a[1]
end

local function refuse(list, count, index)
  say(0)
  say(index - 1)
  for other = 1, count do tell(list[other]) end
end

-- Opens the accounts of a set and looks whether all have room; gives the first that has not.
local function look(set, h, list, at, count)
  opened = {}
  local atMs = instant(list[at + 2])
  local wrong, slices
  for index = 1, count do
    local a, slice = open(refs[set[index]], atMs)
    opened[index], h[4 + index] = a, list[at + 3 + index]
    if slice > 0 then
      slices = slices or zeros(count)
      slices[index] = slice
    end
    if not wrong and not fits(h, index, set.repeats) then wrong = index end
  end
  h[5 + count] = slices
  describe(set, set.ids)
  set.limits = limitChanges
  return wrong
end

-- The same where the accounts are open already, and nothing of them depends on time.
local function lookAgain(set, h, list, at, count)
  opened = set.accounts
  for index = 1, count do
    local a, amount = opened[index], list[at + 3 + index]
    h[4 + index] = amount
    if amount < 0 or a[3] + a[4] + a[5] + a[6] + amount > a[1] then return index end
  end
end

-- An item: dispatched, expires in, at, set, and the amount on each account.
primitives[1] = function(list, at)
  local key, set = nextKey(), sets[list[at + 3]]
  local count = #set
  local rest = at + 4 + count
  if hold(key) then
    say(2)
    return rest
  end
  local h = {list[at] == 1 and DISPATCHED or HELD, now + list[at + 1], list[at + 1], set.name}
  local isOpened = set.plain and set.limits == limitChanges
  local wrong = (isOpened and lookAgain or look)(set, h, list, at, count)
  if wrong then
    refuse(opened, count, wrong)
    return rest
  end
  local known = count == lastCount
  for index = 1, count do
    local a, amount = opened[index], h[4 + index]
    a[4], a[7] = a[4] + amount, a[7] + 1
    changed[set.ids[index]] = true
  end
  for index = 1, count do
    known = known and follows(index, opened[index], 0, h[4 + index])
  end
  holds[key], touched[key], due[key] = h, h, h[2]
  if known then say(3)
  else
    say(1)
    tellAll(opened, count)
  end
  return rest
end
`;

/**
 * From here on expiry charges, and comes later: in one step with the look whether the reservation
 * still stands.
 */
export const DISPATCH = `
-- An item is its key.
primitives[2] = function(_, at)
  local key = nextKey()
  local h = hold(key)
  if h and h[1] <= DISPATCHED and h[2] <= now then expireReservation(key) end
  local stands = h and h[1] <= DISPATCHED
  if stands then
    h[1], h[2] = DISPATCHED, math.max(h[2], now + h[3])
    touched[key], due[key] = h, h[2]
  end
  say(stands and 1 or 0)
  return at
end
`;

/** Ends a reservation once, whoever races: the state is read and changed in one step. */
export const SETTLE = `
local ended, before = {}, {}

local function isOpen(h, as)
  return h and (h[1] <= DISPATCHED or (h[1] == UNKNOWN and as == SETTLED)
    or (h[1] == LAPSED and as ~= RELEASED))
end

-- The same as endOn, where nothing but the settled amounts counts.
local function endPlainly(ids, h, count, list, first)
  for index = 1, count do
    local a = ids.accounts[index]
    before[index] = a[3] + a[6]
    a[3] = math.min(MAX, a[3] + list[first + index])
    a[4], a[7] = a[4] - h[4 + index], a[7] - 1
    changed[ids[index]] = true
  end
  return ids.accounts
end

local function endSlowly(ids, h, count, list, first, as)
  local atMs, given = list[first + 1], list[first + 2]
  for index = 1, count do
    local a = account(ids[index])
    ended[index], before[index] = a, 0
    if a then
      if atMs >= 0 then advance(a, atMs) end
      before[index] = spent(a)
      if as == 3 then unknownOn(a, h, ids, count, index)
      else endOn(a, h, ids, count, index, as, index <= given and list[first + 2 + index] or -1) end
    end
  end
  return ended
end

-- Whether the reservation holds money, and each amount is one.
local function isPlain(ids, h, count, list, first, as)
  if as ~= SETTLED or h[1] > DISPATCHED or not ids.plain or list[first + 2] < count then
    return false
  end
  for index = 1, count do
    if list[first + 2 + index] < 0 then return false end
  end
  return true
end

-- An item: how (1 settled, 2 released, 3 unknown), at (-1: not said), how many amounts, amounts.
primitives[3] = function(list, first)
  local key, as, rest = nextKey(), list[first], first + 3 + list[first + 2]
  local h = hold(key)
  if not isOpen(h, as) then
    say(0)
    return rest
  end
  local ids, count = idsOf(h)
  local plain = isPlain(ids, h, count, list, first, as)
  local known = plain and count == lastCount
  -- Balances are told when all accounts have changed: one may appear twice.
  local changedOnes = plain and endPlainly(ids, h, count, list, first + 2)
    or endSlowly(ids, h, count, list, first, as)
  for index = 1, count do
    known = known and before[index] == lastFigures[4 * index - 3] + lastFigures[4 * index]
      and follows(index, changedOnes[index], list[first + 2 + index], -h[4 + index])
  end
  if known then
    say(2)
    for index = 1, count do say(h[4 + index]) end
  else
    say(1)
    say(count)
    for index = 1, count do say(before[index]) end
    tellAll(changedOnes, count)
  end
  if as == 3 then awaitTruth(key, h) else finish(key, h) end
  return rest
end
`;
