import { ACCOUNTS } from "./accounts.ts";
import { LEASE, LEASES, RETURN_LEASES } from "./leases.ts";
import { RESERVATIONS } from "./reservations.ts";
import { RESERVE } from "./reserve.ts";
import { defineScript, type Script } from "./script.ts";
import { DISPATCH, SETTLE } from "./settle.ts";

/** What the first number of a reply says: the run was carried out, or why nothing was done. */
export const RUN_STATUS = { done: 1, late: 2, seen: 3, lost: 4 } as const;

/**
 * Most due reservations and leases that one run ends: its own work stays small, however many wait.
 */
const SWEPT = 64;
/** Most that one run looks at: more than it brings, so that what has ended is forgotten in time. */
const LOOKED_AT = 1_024;

const PRELUDE = `
local P = KEYS[1]
local given = cjson.decode(ARGV[1])
local refs, sets, keys, operations = given.refs, given.sets, given.keys, given.operations
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local SETTLED, RELEASED, GROUP = 1, 2, 64
local primitives = {}
local out, size = {}, 0

-- Whoever does not say when means now.
local function instant(atMs)
  return atMs >= 0 and atMs or now
end

-- Whole numbers as text, exactly; a run writes the same few again and again.
local texts = {}
local function text(number)
  local found = texts[number]
  if not found then
    found = string.format('%.0f', number)
    texts[number] = found
  end
  return found
end

-- Operations that name reservations take their keys in turn.
local keysTaken = 0
local function nextKey()
  keysTaken = keysTaken + 1
  return keys[keysTaken]
end

-- Reads values by their keys in one command, and puts them under their names.
local function prefetch(names, ids, into)
  for first = 1, #ids, 4000 do
    local found = redis.call('MGET', unpack(names, first, math.min(#ids, first + 3999)))
    for index, packed in ipairs(found) do into[ids[first + index - 1]] = packed end
  end
end

-- Lua passes a few thousand arguments at most.
local function inChunks(command, key, list)
  for first = 1, #list, 4000 do
    local last = math.min(#list, first + 3999)
    if key then redis.call(command, key, unpack(list, first, last))
    else redis.call(command, unpack(list, first, last)) end
  end
end
`;

/**
 * A run that waited too long (its caller was told that it failed), one that a client sent twice
 * after a broken connection, and one against a store that was emptied do nothing.
 */
const GATE = `
local head = redis.call('MGET', P .. 'schema', P .. 'epoch', P .. 'run:' .. given.instance)
local epoch = tonumber(head[2] or 0)
local status = 1
if head[1] ~= given.schema then status = 4
elseif given.untilMs > 0 and now > given.untilMs then status = 2
elseif head[3] and tonumber(head[3]) >= given.run then status = 3 end
if status > 1 then return {status, now, epoch} end
out[1], out[2], out[3], size = status, now, epoch, 3
`;

/** Reads what the run names in one command each, rather than key by key. */
const PREFETCH = `
local wanted, named = {}, {}
for index, ref in ipairs(refs) do
  wanted[index] = ref[1]
  named[index] = P .. 'a:' .. ref[1]
end
prefetch(named, wanted, accounts)
for id, packed in pairs(accounts) do accounts[id] = packed and cmsgpack.unpack(packed) end
prefetch(keys, keys, holds)
`;

/** Shows balances without opening or changing an account. */
const BALANCES = `
-- An item: account ref, at (-1: not said).
primitives[4] = function(list, at)
  local a = account(refs[list[at]][1])
  if a and list[at + 1] >= 0 then advance(a, list[at + 1]) end
  tell(a)
  return at + 2
end
`;

/** Records what is gone already, once for each id: looked up and written in one step. */
const CHARGE = `
local charged, newlyCharged = {}, {}

-- An item: key, account ref, amount, at, how long the key is remembered.
primitives[7] = function(list, at)
  local key, ref, amount, rest = list[at], refs[list[at + 1]], list[at + 2], at + 5
  if charged[key] == nil then charged[key] = redis.call('EXISTS', key) == 1 end
  if charged[key] or amount < 0 then
    say(0)
    return rest
  end
  local a, slice = open(ref, instant(list[at + 3]))
  local before = spent(a)
  add(a, 3, amount, slice)
  changed[ref[1]], charged[key], newlyCharged[key] = true, true, list[at + 4]
  say(1)
  tell(a)
  say(before)
  return rest
end

local function saveCharges()
  for key, rememberMs in pairs(newlyCharged) do
    redis.call('SET', key, '1', 'PX', text(math.max(1, rememberMs)))
  end
end
`;

/** Puts the provider's figure in the place of what is settled and unknown, in one step. */
const CORRECT = `
-- An item: account ref, settled.
primitives[8] = function(list, at)
  local ref, settled, rest = refs[list[at]], list[at + 1], at + 2
  if ref[5] > 0 or settled < 0 then
    tell(account(ref[1]))
    tell(account(ref[1]))
    return rest
  end
  local a = account(ref[1]) or open(ref, now)
  tell(a)
  a[3], a[6], a[8] = settled, 0, a[8] + 1
  changed[ref[1]] = true
  tell(a)
  return rest
end
`;

/** Ends what is due first, so that what expired is not in the way of what is asked. */
const SWEEP = `
local function sweep(member)
  local kind = string.sub(member, #P + 1, #P + 2)
  if kind == 'g:' then return expireGroup(member) end
  if kind == 'r:' then return 1, expireReservation(member) and 1 or 0 end
  expireLease(member)
  return 1, 1
end

local lookedAt, swept, seen = 0, 0, 0
repeat
  local found =
    redis.call('ZRANGEBYSCORE', P .. 'due', '-inf', text(now), 'LIMIT', seen, ${SWEPT})
  for _, member in ipairs(found) do
    if swept >= ${SWEPT} or lookedAt >= ${LOOKED_AT} then break end
    local some, ends = sweep(member)
    lookedAt, swept, seen = lookedAt + some, swept + ends, seen + 1
  end
until #found < ${SWEPT} or swept >= ${SWEPT} or lookedAt >= ${LOOKED_AT}
for _, operation in ipairs(operations) do
  local primitive, list, at = primitives[operation[1]], operation[3], 1
  for item = 1, operation[2] do at = primitive(list, at) end
end
`;

const SAVE = `
local added, removed = alikeDue, {}
for key, atMs in pairs(due) do
  if atMs then
    added[#added + 1] = text(atMs)
    added[#added + 1] = key
  else
    removed[#removed + 1] = key
  end
end
local isChanged = next(changed) or next(touched) or next(leaseChanged) or #added > 0 or #removed > 0
if isChanged then
  saveAccounts()
  saveReservations()
  saveLeases()
  saveCharges()
  inChunks('ZREM', P .. 'due', removed)
  inChunks('ZADD', P .. 'due', added) -- a group that is over may have been made anew
  redis.call('SET', P .. 'run:' .. given.instance, text(given.run), 'PX', 3600000)
end
-- Clients read whole numbers digit by digit and are inexact near 2^53: those go as text.
for index = 4, size do
  if out[index] > 9e15 then out[index] = text(out[index]) end
end
return out
`;

/**
 * The whole ledger as one script: a run of several operations is one call, atomic, and costs one
 * round trip. Its reply is one flat list of whole numbers: status, the store's clock, kill epoch,
 * and the figures of each item in order.
 */
export const LEDGER_SCRIPT: Script = defineScript(
  [
    PRELUDE,
    GATE,
    ACCOUNTS,
    RESERVATIONS,
    LEASES,
    PREFETCH,
    RESERVE,
    DISPATCH,
    SETTLE,
    BALANCES,
    LEASE,
    RETURN_LEASES,
    CHARGE,
    CORRECT,
    SWEEP,
    SAVE,
  ].join(""),
);
