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

const KEYS = ACCOUNTS.map((name) => `bare:{bench}:${name}`);
const LIMIT = 1e15;

/** Checks and holds on three accounts, a reservation after the other, as one script can at least. */
const HOLD = `
local amount, limit, room = tonumber(ARGV[1]), tonumber(ARGV[2]), math.huge
for index = 1, 3 do
  local sums = redis.call('HMGET', KEYS[index], 'settled', 'held')
  room = math.min(room, limit - tonumber(sums[1] or 0) - tonumber(sums[2] or 0))
end
local held = 0
for index = 3, #ARGV do
  if held + amount > room then break end
  held = held + amount
  redis.call('SET', ARGV[index], amount, 'PX', 60000)
end
for index = 1, 3 do redis.call('HINCRBY', KEYS[index], 'held', held) end
return held / amount`;

const SETTLE = `
local used, held, settled = tonumber(ARGV[1]), 0, 0
for index = 2, #ARGV do
  local amount = redis.call('GETDEL', ARGV[index])
  if amount then held, settled = held + tonumber(amount), settled + used end
end
for index = 1, 3 do
  redis.call('HINCRBY', KEYS[index], 'held', -held)
  redis.call('HINCRBY', KEYS[index], 'settled', settled)
end
return held`;

export async function bareScript(client: Client): Promise<Bare> {
  const hold = await client.scriptLoad(HOLD);
  const settle = await client.scriptLoad(SETTLE);
  return {
    name: "bare script: sums and one key a reservation, no replies",
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
