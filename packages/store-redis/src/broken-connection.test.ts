import type { Store } from "@burnrate/core";
import { type BreakingLine, startBreakingLine } from "@burnrate/core/testing";
import { createClient } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { type Driver, ioRedisDriver, nodeRedisDriver } from "./testing/drivers.ts";
import { type RedisServer, startRedisServer } from "./testing/redis-server.ts";
import { canStartRedis, NO_BINARY } from "./testing/redis-target.ts";
import { accountOf, balanceOf, hold, until } from "./testing/world.ts";

const canRun = canStartRedis();
const admins: { destroy(): void }[] = [];

/** Whoever runs the server: sends it anything. */
async function makeAdmin(url: string): Promise<(...command: string[]) => Promise<unknown>> {
  const client = createClient({ url });
  client.on("error", () => {}); // the server ends first
  admins.push(client);
  await client.connect();
  return (...command) => client.sendCommand(command);
}

for (const makeDriver of [nodeRedisDriver, ioRedisDriver]) {
  const { name } = makeDriver();
  describe.skipIf(!canRun)(canRun ? `a connection of ${name} that breaks` : NO_BINARY, () => {
    let server: RedisServer;
    let line: BreakingLine;
    let driver: Driver;
    let store: Store;
    let direct: Store;

    beforeEach(async () => {
      server = await startRedisServer();
      line = await startBreakingLine(server.url);
      driver = makeDriver();
      store = redisStore({ client: await driver.connect(line.url) });
      direct = redisStore({ client: await driver.connect(server.url) });
      await store.ledger.ready();
    });
    afterEach(async () => {
      await store.ledger.close();
      await direct.ledger.close();
      driver.closeAll();
      for (const admin of admins.splice(0)) admin.destroy();
      await line.close();
      await server.stop();
    });

    const isBack = (): Promise<void> =>
      until("the connection", () =>
        Promise.resolve(store.ledger.balances([])).then(
          () => true,
          () => false,
        ),
      );

    test("does a run once, and says that its end is not known", async () => {
      const account = accountOf(1_000);
      const id = await hold(store.ledger, account, 100);
      line.breakNext("before the answer arrives");
      const lost = Promise.resolve(store.ledger.settle([{ id, as: "settled", amounts: [30] }]));
      await expect(lost).rejects.toMatchObject({ code: "BR8001" });
      await isBack();
      expect(await balanceOf(direct, account)).toMatchObject({ settled: 30, held: 0 });
      const again = await store.ledger.settle([{ id, as: "settled", amounts: [30] }]);
      expect(again.results[0]?.applied).toBe(false);
      expect(await balanceOf(direct, account)).toMatchObject({ settled: 30, held: 0 });
    });

    test("writes a kill once, whatever becomes of the reply", async () => {
      const entry = { kind: "revive", reason: "r", by: "b", atMs: 1 } as const;
      await direct.killLog.append({ ...entry, id: "first" });
      line.breakNext("before the answer arrives");
      expect(await store.killLog.append({ ...entry, id: "second" })).toMatchObject({ epoch: 2 });
      const lines = await direct.killLog.read(0);
      expect(lines.map(({ id }) => id)).toEqual(["first", "second"]);
    });

    test("tells a kill although the server lets it listen only for a while", async () => {
      const admin = await makeAdmin(server.url);
      await admin("ACL", "SETUSER", "deaf", "on", ">word", "~*", "+@all", "allchannels");
      const url = server.url.replace("redis://", "redis://deaf:word@");
      const deaf = redisStore({ client: await driver.connect(url) });
      await deaf.ledger.ready();
      await admin("ACL", "SETUSER", "deaf", "resetchannels");
      const told: number[] = [];
      deaf.killLog.subscribe(({ epoch }) => told.push(epoch));
      const entry = { kind: "revive", reason: "r", by: "b", atMs: 1 } as const;
      await direct.killLog.append({ ...entry, id: "1" });
      await until("the first, that it looked up", () => told.length === 1);
      const listeners = async (): Promise<unknown> => {
        const channels = (await admin("PUBSUB", "CHANNELS")) as string[];
        return (await admin("PUBSUB", "NUMSUB", ...channels)) as unknown;
      };
      const before = JSON.stringify(await listeners());
      await admin("ACL", "SETUSER", "deaf", "allchannels");
      await until("that it listens", async () => JSON.stringify(await listeners()) !== before);
      await direct.killLog.append({ ...entry, id: "2" });
      await until("the second", () => told.length === 2);
      await admin("ACL", "SETUSER", "deaf", "resetchannels"); // which ends its subscription
      for (const count of [3, 4, 5]) {
        await direct.killLog.append({ ...entry, id: `${count}` });
        await until("the next", () => told.length === count);
      }
      await deaf.ledger.close();
    }, 20_000);

    test("tells a kill that was published while nobody was listening", async () => {
      const told: number[] = [];
      store.killLog.subscribe(({ epoch }) => told.push(epoch));
      const entry = { kind: "revive", reason: "r", by: "b", atMs: 1 } as const;
      await direct.killLog.append({ ...entry, id: "1" });
      await until("the first", () => told.length === 1);
      line.breakNext("before the answer arrives");
      await direct.killLog.append({ ...entry, id: "2" });
      await direct.killLog.append({ ...entry, id: "3" });
      await until("the others", () => told.length === 3);
      expect(told).toEqual([1, 2, 3]);
    });
  });
}
