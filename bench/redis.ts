import { redisStore } from "@burnrate/store-redis";
import { createClient } from "redis";
import { ACCOUNTS, AMOUNT } from "./accounts.ts";
import type { Measured } from "./measure.ts";
import { startRedis } from "./servers.ts";
import { type Bare, measureLeased, measurePairs } from "./store-rows.ts";

/** What is used of the client. */
interface Client {
  scriptLoad(source: string): Promise<string>;
  evalSha(sha: string, call: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

const KEYS = [...ACCOUNTS, "due"].map((name) => `bare:{bench}:${name}`);
const LIMIT = 1e15;

/**
 * Checks and holds on three accounts, and ends, as a script can at least that is as durable as
 * ours: a key a reservation, found by its expiry when nobody ends it, which stays until then when
 * it has ended so that nobody reserves under its id again. No windows, limits, leases, late ends or
 * replies.
 */
const HOLD = `
local amount, limit, room = tonumber(ARGV[1]), tonumber(ARGV[2]), math.huge
for index = 1, 3 do
  local sums = redis.call('HMGET', KEYS[index], 'settled', 'held')
  room = math.min(room, limit - tonumber(sums[1] or 0) - tonumber(sums[2] or 0))
end
local time = redis.call('TIME')
local expires = string.format('%.0f', time[1] * 1000 + 60000)
local held, records, due = 0, {}, {}
for index = 3, #ARGV do
  if held + amount > room then break end
  held = held + amount
  local at = 2 * index - 5
  records[at], records[at + 1] = ARGV[index], ARGV[1] .. ' ' .. expires
  due[at], due[at + 1] = expires, ARGV[index]
end
if redis.call('MSETNX', unpack(records)) == 0 then return 0 end
redis.call('ZADD', KEYS[4], unpack(due))
for index = 1, 3 do redis.call('HINCRBY', KEYS[index], 'held', held) end
return held / amount`;

const SETTLE = `
local used, held, settled, names = tonumber(ARGV[1]), 0, 0, {}
for index = 2, #ARGV do names[index - 1] = ARGV[index] end
for index, record in ipairs(redis.call('MGET', unpack(names))) do
  local amount, expires = string.match(record or '', '^(%d+) (%d+)$')
  if amount then
    held, settled = held + tonumber(amount), settled + used
    redis.call('SET', names[index], 'ended', 'PXAT', expires)
  end
end
redis.call('ZREM', KEYS[4], unpack(names))
for index = 1, 3 do
  redis.call('HINCRBY', KEYS[index], 'held', -held)
  redis.call('HINCRBY', KEYS[index], 'settled', settled)
end
return held`;

export async function bareScript(client: Client): Promise<Bare> {
  const hold = await client.scriptLoad(HOLD);
  const settle = await client.scriptLoad(SETTLE);
  return {
    name: "bare script: the same keys, without the rules and the replies",
    async run(ids) {
      const names = ids.map((id) => `bare:{bench}:r:${id}`);
      const reserved = [`${AMOUNT.reserved}`, `${LIMIT}`, ...names];
      await client.evalSha(hold, { keys: KEYS, arguments: reserved });
      await client.evalSha(settle, { keys: KEYS, arguments: [`${AMOUNT.used}`, ...names] });
    },
  };
}

/** The Redis store: spending from leases, and asking it for every call. */
export async function measureRedis(): Promise<Measured[]> {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  try {
    await client.connect();
    const leased = await measureLeased(redisStore({ client, namespace: "leased" }));
    const exact = redisStore({ client, namespace: "exact" });
    return [
      ...leased,
      ...(await measurePairs("log on disk every second", exact, await bareScript(client))),
    ];
  } finally {
    client.destroy();
    await server.stop();
  }
}
