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

local LEFT = 4
local function isOpen(h, as)
  return h and (h[1] <= DISPATCHED or (h[1] == UNKNOWN and as == SETTLED)
    or (h[1] == LAPSED and as ~= RELEASED and as ~= LEFT))
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

-- An item: how (1 settled, 2 released, 3 unknown, 4 one attempt released), at (-1: not said), how many amounts, amounts.
primitives[3] = function(list, first)
  local key, as, rest = nextKey(), list[first], first + 3 + list[first + 2]
  local h = hold(key)
  if not isOpen(h, as) or (as == LEFT and unshare(key, h)) then
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
  if as == 3 then awaitTruth(key, h) elseif as == LEFT then forget(key) else finish(key, h) end
  return rest
end

-- The record of so many more reservations, if all are alike to the byte and hold money until later
-- than now.
local function alikeNext(more)
  local record = more > 0 and packed(keys[keysTaken + 1])
  if type(record) ~= 'string' then return nil end
  for index = keysTaken + 2, keysTaken + more do
    if packed(keys[index]) ~= record then return nil end
  end
  local h = cmsgpack.unpack(record)
  return h[1] <= DISPATCHED and h[2] > now and h or nil
end

-- Ends so many more reservations alike, if it is a multiplication; gives whether it was.
local function endAlike(list, first, more)
  local h = alikeNext(more)
  if not h then return false end
  local ids, count = idsOf(h)
  if count ~= lastCount or not isPlain(ids, h, count, list, first, list[first]) then return false end
  for index, a in ipairs(ids.accounts) do
    local used = list[first + 2 + index]
    if a[3] + used * more > MAX or not follows(index, a, 0, 0) then return false end
  end
  for index, a in ipairs(ids.accounts) do
    local used, amount = list[first + 2 + index], h[4 + index]
    a[3] = a[3] + used * more
    a[4], a[7] = a[4] - amount * more, a[7] - more
    changed[ids[index]] = true
    follows(index, a, used * more, -amount * more)
  end
  setAlike(more, cmsgpack.pack({ENDED, h[2]})) -- still due then: the id stays taken so long
  say(3)
  say(more)
  for index = 1, count do say(h[4 + index]) end
  return true
end

-- An item that stands for many with other keys, each only once: how many, and the item.
primitives[10] = function(list, at)
  local more, item = list[at] - 1, at + 1
  local rest = primitives[3](list, item)
  if not endAlike(list, item, more) then
    for _ = 1, more do primitives[3](list, item) end
  end
  return rest
end
`;
