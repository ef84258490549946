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

local function stateOf(flags)
  return flags % 2 == 1 and DISPATCHED or HELD
end

-- An item: flags (1 dispatched, 2 once), expires in, at, set, and the amount on each account.
primitives[1] = function(list, at)
  local key, set = nextKey(), sets[list[at + 3]]
  local count = #set
  local rest = at + 4 + count
  local known = hold(key)
  if known then
    if list[at] >= 2 then share(key, known) end
    say(2)
    return rest
  end
  local h = {stateOf(list[at]), now + list[at + 1], list[at + 1], set.name}
  local isOpened = set.plain and set.limits == limitChanges
  local wrong = (isOpened and lookAgain or look)(set, h, list, at, count)
  if wrong then
    refuse(opened, count, wrong)
    return rest
  end
  known = count == lastCount
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

-- Whether so many more of an item fit on the accounts of a set, and nobody knows their keys: each
-- adds the same then, and what follows is a multiplication.
local function areFree(set, list, at, more)
  if not set.plain or set.limits ~= limitChanges or #set ~= lastCount then return false end
  for index, a in ipairs(set.accounts) do
    local amount = list[at + 3 + index]
    if amount < 0 or taken(a) + amount * more > a[1] or not follows(index, a, 0, 0) then
      return false
    end
  end
  for index = keysTaken + 1, keysTaken + more do
    if packed(keys[index]) then return false end
  end
  return true
end

-- An item that stands for many with other keys, each only once: how many, and the item.
primitives[9] = function(list, at)
  local more, item = list[at] - 1, at + 1
  local rest = primitives[1](list, item)
  local set = sets[list[item + 3]]
  if more == 0 then return rest end
  if not areFree(set, list, item, more) then
    for _ = 1, more do primitives[1](list, item) end
    return rest
  end
  local h = {stateOf(list[item]), now + list[item + 1], list[item + 1], set.name}
  for index, a in ipairs(set.accounts) do
    local amount = list[item + 3 + index]
    h[4 + index] = amount
    a[4], a[7] = a[4] + amount * more, a[7] + more
    changed[set.ids[index]] = true
    follows(index, a, 0, amount * more)
  end
  local record, first = cmsgpack.pack(h), keysTaken + 1
  setAlike(more, record)
  for from = first, keysTaken, GROUP do
    alikeDue[#alikeDue + 1] = text(h[2])
    local last = math.min(keysTaken, from + GROUP - 1)
    alikeDue[#alikeDue + 1] = P .. 'g:' .. table.concat(keys, '\\n', from, last)
  end
  say(4)
  say(more)
  return rest
end
`;
