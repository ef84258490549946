import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KillEntry, Store } from "@burnrate/core";
import { createClient } from "redis";
import { afterEach, describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { type Driver, ioRedisDriver, nodeRedisDriver } from "./testing/drivers.ts";
import { type RedisServer, startRedisServer } from "./testing/redis-server.ts";
import { canStartRedis, NO_BINARY } from "./testing/redis-target.ts";
import { accountOf, balanceOf, hold, reservationOf, until } from "./testing/world.ts";

const AOF = ["--appendonly", "yes", "--appendfsync", "always"];
const canRun = canStartRedis();

for (const makeDriver of [() => nodeRedisDriver(), () => ioRedisDriver()]) {
  describe.skipIf(!canRun)(canRun ? makeDriver().name : NO_BINARY, () => {
    const servers: RedisServer[] = [];
    const stores: Store[] = [];
    const drivers: Driver[] = [];

    afterEach(async () => {
      for (const { ledger } of stores.splice(0)) await ledger.close();
      for (const driver of drivers.splice(0)) driver.closeAll();
      for (const server of servers.splice(0)) await server.stop();
    });

    async function start(args: readonly string[] = AOF): Promise<RedisServer> {
      const server = await startRedisServer(args);
      servers.push(server);
      return server;
    }

    async function connect({ url }: RedisServer, timeoutMs = 1_000): Promise<Store> {
      const driver = makeDriver();
      drivers.push(driver);
      const store = redisStore({ client: await driver.connect(url), timeoutMs });
      stores.push(store);
      await store.ledger.ready();
      return store;
    }

    async function isBack(store: Store): Promise<void> {
      await until("the connection", () =>
        Promise.resolve(store.ledger.balances([])).then(
          () => true,
          () => false,
        ),
      );
    }

    test("a server that is down is said so, with BR8001 and no address", async () => {
      const server = await start();
      const store = await connect(server);
      await server.kill();
      const asked = Promise.resolve(store.ledger.balances([accountOf(1)]));
      const error: unknown = await asked.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "BR8001", name: "StoreUnavailableError" });
      expect(String(error)).not.toContain(`${server.port}`);
      await expect(store.killLog.read(0)).rejects.toMatchObject({ code: "BR8001" });
      await expect(store.state?.read("x")).rejects.toMatchObject({ code: "BR8001" });
    });

    test("balances, leases and kills survive a crash and a restart of the server", async () => {
      const server = await start();
      const store = await connect(server);
      const account = accountOf(1_000);
      const id = await hold(store.ledger, account, 100);
      await store.ledger.lease([
        { id: "l", account, amount: 50, minimum: 1, maxShare: 1, ttlMs: 60_000, atMs: 1 },
      ]);
      await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
      await server.kill();
      await server.restart();
      await isBack(store);
      expect(await balanceOf(store, account)).toMatchObject({ held: 100, leased: 50 });
      const settled = await store.ledger.settle([{ id, as: "settled", amounts: [30] }]);
      expect(settled).toMatchObject({ killEpoch: 1, results: [{ applied: true }] });
      expect(await store.killLog.read(0)).toHaveLength(1);
    });

    test("a server that hangs is given up in time, and does nothing when it comes to", async () => {
      const server = await start();
      const store = await connect(server, 1_000);
      const account = accountOf(1_000);
      await store.ledger.balances([account]);
      process.kill(server.pid, "SIGSTOP");
      try {
        const asked = Promise.resolve(store.ledger.reserve([reservationOf(account, 100)]));
        await expect(asked).rejects.toMatchObject({ code: "BR8001" });
        const lease = { id: "l", account, amount: 9, minimum: 1, maxShare: 1, ttlMs: 9e4, atMs: 1 };
        await expect(store.ledger.lease([lease])).rejects.toMatchObject({ code: "BR8001" });
      } finally {
        process.kill(server.pid, "SIGCONT");
      }
      await isBack(store);
      expect(await balanceOf(store, account)).toMatchObject({ held: 0, leased: 0 });
    });

    test("a server that comes to at the moment when it is given up does nothing", async () => {
      const server = await start(["--appendonly", "no"]);
      const store = await connect(server, 100);
      for (let round = 0; round < 12; round++) {
        const account = accountOf(1_000, { key: `round-${round}` });
        await store.ledger.balances([account]);
        process.kill(server.pid, "SIGSTOP");
        const request = {
          id: `l-${round}`,
          account,
          amount: 9,
          minimum: 1,
          maxShare: 1,
          ttlMs: 9e4,
        };
        const asked = Promise.resolve(store.ledger.lease([{ ...request, atMs: 1 }]));
        const error: unknown = await asked.catch((reason: unknown) => reason);
        process.kill(server.pid, "SIGCONT");
        expect(error).toMatchObject({ code: "BR8001" });
        expect(await balanceOf(store, account)).toMatchObject({ leased: 0 });
      }
    });

    test("a kill that was missed while the connection was down is told after it", async () => {
      const server = await start();
      const [store, other] = [await connect(server), await connect(server)];
      const told: KillEntry[] = [];
      store.killLog.subscribe((entry) => told.push(entry));
      const line = { kind: "revive", reason: "r", by: "b", atMs: 1 } as const;
      await other.killLog.append({ ...line, id: "first" });
      await until("the first", () => told.length === 1);
      await server.kill();
      await server.restart();
      await isBack(other);
      await other.killLog.append({ ...line, id: "second" });
      await until("the second", () => told.length === 2);
      expect(told.map(({ id, epoch }) => [id, epoch])).toEqual([
        ["first", 1],
        ["second", 2],
      ]);
    });

    test("what a server lost with its last second is told, and kills are written again", async () => {
      const server = await start();
      const [store, other] = [await connect(server), await connect(server)];
      const told: string[] = [];
      for (const { killLog } of [store, other]) killLog.subscribe(({ id }) => told.push(id));
      const account = accountOf(1_000);
      const kept = await hold(store.ledger, account, 100);
      await store.killLog.append({ kind: "revive", id: "kept", reason: "r", by: "b", atMs: 1 });
      // A folder, or in servers before version 7 a file.
      const names = ["appendonlydir", "appendonly.aof"];
      const log = names.map((name) => join(server.folder, name)).find(existsSync) ?? "";
      const saved = join(server.folder, "saved");
      cpSync(log, saved, { recursive: true });
      const lost = await hold(store.ledger, account, 10);
      const lease = { id: "l", account, amount: 9, minimum: 1, maxShare: 1, ttlMs: 9e4, atMs: 1 };
      await store.ledger.lease([lease]);
      const kill = {
        kind: "kill",
        id: "lost",
        target: "everything",
        level: "stop",
        reason: "r",
        by: "b",
        atMs: 1,
        expiresAtMs: undefined,
      } as const;
      await store.killLog.append(kill);
      await until("both lines in both", () => told.length === 4);
      await server.kill();
      rmSync(log, { recursive: true });
      cpSync(saved, log, { recursive: true });
      await server.restart();
      await isBack(store);
      await isBack(other);

      expect(await balanceOf(store, account)).toMatchObject({ held: 100, leased: 0 });
      const ends = await store.ledger.settle([
        { id: lost, as: "settled", amounts: [7] },
        { id: kept, as: "settled", amounts: [70] },
      ]);
      expect(ends.results.map(({ applied }) => applied)).toEqual([false, true]);
      const back = { id: "l", revision: 1, settled: 4, unknown: 0, kept: 0, atMs: 1 };
      expect((await store.ledger.returnLeases([back])).results[0]?.applied).toBe(false);
      const charge = { account, atMs: Date.now(), rememberMs: 60_000 };
      await store.ledger.charge([
        { ...charge, id: lost, amount: 7 },
        { ...charge, id: "l", amount: 4 },
      ]);
      expect(await balanceOf(store, account)).toMatchObject({ settled: 81, held: 0, leased: 0 });

      await until("the lost kill", async () => (await store.killLog.read(1)).length > 0);
      await other.ledger.balances([]);
      const lines = await other.killLog.read(0);
      expect(lines.map(({ id, epoch }) => [id, epoch])).toEqual([
        ["kept", 1],
        ["lost", 2],
      ]);
    });

    test("a server without memory changes nothing, says so, and goes on when it has some", async () => {
      const server = await start();
      const store = await connect(server);
      const account = accountOf(1_000);
      const id = await hold(store.ledger, account, 100);
      const admin = await createClient({ url: server.url }).connect();
      try {
        await admin.configSet("maxmemory", "1");
        const asked = Promise.resolve(store.ledger.settle([{ id, as: "settled", amounts: [30] }]));
        await expect(asked).rejects.toThrow(
          "BR8001 the store is not available: Redis has no memory",
        );
        expect(await balanceOf(store, account)).toMatchObject({ held: 100, settled: 0 });
        await admin.configSet("maxmemory", "0");
        await store.ledger.settle([{ id, as: "settled", amounts: [30] }]);
        expect(await balanceOf(store, account)).toMatchObject({ held: 0, settled: 30 });
      } finally {
        admin.destroy();
      }
    });

    test("a store that was emptied is refused rather than started anew", async () => {
      const server = await start(["--appendonly", "no"]);
      const store = await connect(server);
      await hold(store.ledger, accountOf(100), 50);
      await server.kill();
      await server.restart();
      await until(
        "the connection",
        () =>
          Promise.resolve(store.ledger.balances([])).catch((error: unknown) =>
            String(error).includes("is gone"),
          ) as Promise<boolean>,
      );
      const asked = Promise.resolve(store.ledger.reserve([reservationOf(accountOf(100), 1)]));
      await expect(asked).rejects.toMatchObject({ code: "BR8001" });
      await expect(store.killLog.read(0)).rejects.toThrow("is gone");
      const fresh = await connect(server);
      expect((await fresh.ledger.balances([])).killEpoch).toBe(0);
    });
  });
}
