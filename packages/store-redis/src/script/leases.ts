/**
 * Leases, as Lua, by their keys. A record: 1 account id, 2 granted, 3 expiry, 4 revision, 5 leased,
 * 6 settled, 7 unknown, 8 slice of the unknown, 9 corrections of the account when it was last
 * looked at, 10 whether it has expired (0 or 1), 11 the part of the unknown that a correction has
 * counted: it is on the account no more.
 */
export const LEASES = `
local leases, leaseChanged = {}, {}

local function lease(key)
  local found = leases[key]
  if found == nil then
    local packed = redis.call('GET', key)
    found = packed and cmsgpack.unpack(packed) or false
    leases[key] = found
  end
  return found
end

-- Brings an account from what its lease had told of to what it tells of now. Truths about what a
-- correction has counted change nothing, as far as they can be told apart: what may have come out of
-- what is returned is charged, never less.
local function record(l, a, settled, unknown, kept, slice)
  local countedBefore = l[9] == a[8] and l[11] or l[7]
  local counted = math.min(countedBefore, unknown)
  local returned, added = l[5] - kept, settled - l[6]
  a[5] = a[5] - returned
  add(a, 3, math.max(added - (countedBefore - counted), math.min(added, returned)), slice)
  add(a, 6, countedBefore - l[7], l[8])
  add(a, 6, unknown - counted, slice)
  l[5], l[6], l[7], l[8], l[9], l[11] = kept, settled, unknown, slice, a[8], counted
  changed[l[1]] = true
end

-- The holder did not come back in time: what it kept may have been spent.
local function expire(key, l)
  local a = account(l[1])
  if a then record(l, a, l[6], l[7] + l[5], 0, advance(a, now)) end
  l[10] = 1
  leaseChanged[key] = true
  due[key] = false
end

local function expireLease(key)
  local l = lease(key)
  if l and l[10] == 0 then expire(key, l) else due[key] = false end
end

local function saveLeases()
  for key in pairs(leaseChanged) do
    local l = leases[key]
    if not l then
      redis.call('DEL', key)
    elseif l[10] == 1 then
      redis.call('SET', key, cmsgpack.pack(l), 'PX', text(30 * DAY))
    else
      redis.call('SET', key, cmsgpack.pack(l))
    end
  end
end
`;

/**
 * Looks at what is left and takes a slice of it in one step, so that slices never add up to more.
 */
export const LEASE = `
local function grant(l, a)
  say(1)
  say(l[2])
  say(l[3])
  tell(a)
end

-- An item: key, account ref, amount, minimum, max share, ttl, at.
primitives[5] = function(list, at)
  local key, ref, amount, minimum, share, ttlMs, atMs = unpack(list, at, at + 6)
  ref = refs[ref]
  local known, rest = lease(key), at + 7
  if known and known[10] == 0 and known[3] > now and known[5] > 0 then
    grant(known, account(known[1]))
    return rest
  end
  local a, slice = open(ref, instant(atMs))
  local expiresAtMs = now + ttlMs
  if a[9] > 0 then expiresAtMs = math.min(expiresAtMs, a[9]) end
  local room = expiresAtMs > now and math.max(0, a[1] - taken(a)) or 0
  local granted = math.min(amount, room, math.max(minimum, math.floor(room * share)))
  local isSound = amount >= 0 and minimum >= 0 and share >= 0
  if known or not isSound or granted < math.max(1, minimum) then
    say(0)
    say(room)
    return rest
  end
  a[5] = a[5] + granted
  changed[ref[1]] = true
  local l = {ref[1], granted, expiresAtMs, 0, granted, 0, 0, slice, a[8], 0, 0}
  leases[key], leaseChanged[key], due[key] = l, true, expiresAtMs
  grant(l, a)
  return rest
end
`;

/** Takes a holder's totals for true, once for each revision, in one step with what they replace. */
export const RETURN_LEASES = `
-- Totals never shrink, but for what was unknown; a lease never grows; what makes no sense charges
-- all that is leased. Of an expired lease nothing is kept: it counts as unknown until the truth.
local function figuresOf(l, settled, unknown, kept)
  if settled < 0 or unknown < 0 or kept < 0 then return l[6], l[7] + l[5], 0 end
  settled = math.max(settled, l[6])
  if l[10] == 1 then return settled, unknown + kept, 0 end
  return settled, unknown, math.min(kept, l[5])
end

-- An item: key, revision, settled, unknown, kept, at, ttl (-1: not said).
primitives[6] = function(list, at)
  local key, revision, settled, unknown, kept, atMs, ttlMs = unpack(list, at, at + 6)
  local l, rest = lease(key), at + 7
  if l and l[10] == 0 and l[3] <= now then expire(key, l) end
  local a = l and account(l[1])
  if not a or not (revision > l[4]) then
    say(0)
    return rest
  end
  settled, unknown, kept = figuresOf(l, settled, unknown, kept)
  local slice = advance(a, instant(atMs))
  local before = spent(a)
  record(l, a, settled, unknown, kept, slice)
  l[4], leaseChanged[key] = revision, true
  if kept == 0 and unknown == 0 then -- no later return can say anything new
    leases[key] = false
    due[key] = false
  elseif kept > 0 and ttlMs >= 0 then
    l[3] = math.max(l[3], now + ttlMs)
    if a[9] > 0 then l[3] = math.min(l[3], a[9]) end
    due[key] = l[3]
  end
  say(1)
  tell(a)
  say(before)
  say(kept > 0 and l[3] or -1)
  return rest
end
`;
