/**
 * Reservations, as Lua, by their keys. A record: 1 state, 2 expiry, 3 how long it may stand, 4 how
 * many accounts, and for each of them its id, amount, slice, and how often it had been corrected when
 * the end became unknown. What is open stands in the sorted set `due` by the instant at which
 * somebody must look at it; one that ended is remembered, by a key that Redis expires, until it would
 * have expired.
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

-- The charge of a call whose end is not known, until a late settlement corrects it.
local function unknownOn(a, h, at)
  if h[1] == LAPSED then a[7] = a[7] + 1 else a[4] = a[4] - h[at + 1] end
  add(a, 6, h[at + 1], h[at + 2])
  changed[h[at]] = true
  h[at + 3] = a[8]
end

local function awaitTruth(key, h)
  h[1] = UNKNOWN
  touched[key], due[key] = h, now + 30 * DAY
end

-- Nobody sent it: the money comes back. A settlement that arrives all the same still charges.
local function lapse(key, h)
  for at = 5, 4 * h[4] + 1, 4 do
    local a = account(h[at])
    if a then
      a[4], a[7] = a[4] - h[at + 1], a[7] - 1
      changed[h[at]] = true
    end
  end
  h[1] = LAPSED
  touched[key], due[key] = h, false
end

-- Takes a hold off one account and puts there what became of it. No amount (-1) means all of it.
local function endOn(a, h, at, as, used)
  local state, amount, slice = h[1], h[at + 1], h[at + 2]
  if state == UNKNOWN and h[at + 3] ~= a[8] then
    a[7] = a[7] - 1 -- the provider's figures count it already
    return
  end
  if state == UNKNOWN then add(a, 6, -amount, slice)
  elseif state ~= LAPSED then a[4] = a[4] - amount end
  if as == SETTLED then add(a, 3, used >= 0 and used or amount, slice) end
  if state ~= LAPSED then a[7] = a[7] - 1 end
  changed[h[at]] = true
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
    for at = 5, 4 * h[4] + 1, 4 do
      local a = account(h[at])
      if a and h[1] == DISPATCHED then unknownOn(a, h, at)
      elseif a then endOn(a, h, at, SETTLED, -1) end
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

-- One account may appear twice: its amounts add up.
local function fits(h, index)
  local a, amount = opened[index], h[4 * index + 2]
  if amount < 0 or (a[9] > 0 and isLongOver(a)) then return false end
  for other = 1, index - 1 do
    if opened[other] == a then amount = amount + h[4 * other + 2] end
  end
  return a[3] + a[4] + a[5] + a[6] + amount <= a[1]
end

-- An item: key, dispatched, expires in, at, how many accounts, and of each its ref and amount.
primitives[1] = function(list, at)
  local key, count = list[at], list[at + 4]
  local last = at + 4 + 2 * count
  if hold(key) then
    say(2)
    return last + 1
  end
  local h = {list[at + 1] == 1 and DISPATCHED or HELD, now + list[at + 2], list[at + 2], count}
  local atMs = instant(list[at + 3])
  local wrong
  for index = 1, count do
    local ref, field = refs[list[at + 3 + 2 * index]], 4 * index + 1
    local a, slice = open(ref, atMs)
    opened[index] = a
    h[field], h[field + 1], h[field + 2], h[field + 3] = ref[1], list[at + 4 + 2 * index], slice, 0
    if not wrong and not fits(h, index) then wrong = index end
  end
  if wrong then
    say(0)
    say(wrong - 1)
  else
    for index = 1, count do
      local a = opened[index]
      a[4], a[7] = a[4] + h[4 * index + 2], a[7] + 1
      changed[h[4 * index + 1]] = true
    end
    holds[key], touched[key], due[key] = h, h, h[2]
    say(1)
  end
  say(count)
  for index = 1, count do tell(opened[index]) end
  return last + 1
end
`;

/**
 * From here on expiry charges, and comes later: in one step with the look whether the reservation
 * still stands.
 */
export const DISPATCH = `
-- An item: key.
primitives[2] = function(list, at)
  local key = list[at]
  local h = hold(key)
  if h and h[1] <= DISPATCHED and h[2] <= now then expireReservation(key) end
  local stands = h and h[1] <= DISPATCHED
  if stands then
    h[1], h[2] = DISPATCHED, math.max(h[2], now + h[3])
    touched[key], due[key] = h, h[2]
  end
  say(stands and 1 or 0)
  return at + 1
end
`;

/** Ends a reservation once, whoever races: the state is read and changed in one step. */
export const SETTLE = `
-- An item: key, how (1 settled, 2 released, 3 unknown), at (-1: not said), how many amounts, amounts.
primitives[3] = function(list, first)
  local key, as, atMs, given = list[first], list[first + 1], list[first + 2], list[first + 3]
  local h, rest = hold(key), first + 4 + given
  local isOpen = h and (h[1] <= DISPATCHED or (h[1] == UNKNOWN and as == SETTLED)
    or (h[1] == LAPSED and as ~= RELEASED))
  if not isOpen then
    say(0)
    return rest
  end
  say(1)
  say(h[4])
  -- Balances are told when all accounts have changed: one may appear twice.
  local told = size
  for index = 1, h[4] do
    local at = 4 * index + 1
    local a = account(h[at])
    if a then
      if atMs >= 0 then advance(a, atMs) end
      out[told + 5 * index] = spent(a)
      if as == 3 then unknownOn(a, h, at)
      else endOn(a, h, at, as, index <= given and list[first + 3 + index] or -1) end
    else
      out[told + 5 * index] = 0
    end
  end
  if as == 3 then awaitTruth(key, h) else finish(key, h) end
  for index = 1, h[4] do
    size = told + 5 * (index - 1)
    tell(account(h[4 * index + 1]))
  end
  size = told + 5 * h[4]
  return rest
end
`;
