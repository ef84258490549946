import { randomUUID } from "node:crypto";
import type { AccountRef, NewKillEntry, Store } from "@burnrate/core";
import { createClient } from "redis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import {
  canRunRedis,
  NO_SERVER,
  openRedisTarget,
  type RedisTarget,
} from "./testing/redis-target.ts";
import { accountOf, balanceOf, hold, reservationOf, until } from "./testing/world.ts";

const DAY_MS = 86_400_000;
const canRun = canRunRedis();

describe.skipIf(!canRun)(canRun ? "what a namespace keeps" : NO_SERVER, () => {
  let target: RedisTarget;
  let client: ReturnType<typeof createClient>;
  let namespace = "";
  let store: Store;
  beforeAll(async () => {
    target = await openRedisTarget();
    client = createClient({ url: target.url });
    await client.connect();
  });
  beforeEach(async () => {
    namespace = `keeps-${randomUUID()}`;
    store = redisStore({ client, namespace });
    await store.ledger.ready();
    return () => store.ledger.close();
  });
  afterAll(async () => {
    client.destroy();
    await target.stop();
  });

  const keys = async (start: string): Promise<string[]> =>
    await client.keys(`{${namespace}}:${start}*`);
  const daysLeft = async (ref: AccountRef): Promise<number> => {
    const ttl = await client.pTTL(`{${namespace}}:a:${ref.key}\n${ref.windowKey}`);
    return ttl < 0 ? ttl : Math.round(ttl / DAY_MS);
  };
  const windowOf = (endsInMs: number) =>
    ({ kind: "fixed", startsAtMs: 0, endsAtMs: Date.now() + endsInMs }) as const;

  test("every key carries the namespace's hash tag", async () => {
    const account = accountOf(100);
    const id = await hold(store.ledger, account, 10);
    await store.ledger.settle([{ id, as: "unknown", amounts: [] }]);
    const lease = { id: "l", account, amount: 9, minimum: 1, maxShare: 1, ttlMs: 9e4, atMs: 1 };
    await store.ledger.lease([lease]);
    await store.ledger.charge([{ id: "c", account, amount: 1, atMs: 1, rememberMs: 60_000 }]);
    await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
    await store.fleet?.beat("p", 60_000);
    await store.fleet?.acknowledge({ killId: "k", process: "p", aborted: 0 });
    await store.state?.write("s", "v", 0);
    await store.outbox?.add([{ id: "m", topic: "t", body: "b", dueAtMs: 0 }]);
    await store.outbox?.claim("t", 1, 1_000);
    const all = (await client.keys("*")).filter((key) => key.includes(namespace));
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter((key) => !key.startsWith(`{${namespace}}:`))).toEqual([]);
  });

  test("an account goes a week after its window, and not while something is open", async () => {
    const account = accountOf(100, { windowKey: "day", window: windowOf(DAY_MS) });
    const id = await hold(store.ledger, account, 10);
    expect(await daysLeft(account)).toBe(-1);
    await store.ledger.settle([{ id, as: "settled", amounts: [5] }]);
    expect(await daysLeft(account)).toBe(8);
    const lease = { id: "l", account, amount: 9, minimum: 1, maxShare: 1, ttlMs: 9e4, atMs: 1 };
    await store.ledger.lease([lease]);
    expect(await daysLeft(account)).toBe(-1);
  });

  test("idle tasks go after a month, balances of all time never", async () => {
    const [task, total] = [accountOf(100, { ephemeral: true }), accountOf(100)];
    for (const account of [task, total]) {
      const id = await hold(store.ledger, account, 10);
      await store.ledger.settle([{ id, as: "settled", amounts: [5] }]);
    }
    expect(await daysLeft(task)).toBe(30);
    expect(await daysLeft(total)).toBe(-1);
  });

  test("no account is opened anew in a window that may have been forgotten", async () => {
    const account = accountOf(100, { windowKey: "old", window: windowOf(-8 * DAY_MS) });
    const { results } = await store.ledger.reserve([reservationOf(account, 1)]);
    expect(results[0]?.kind).toBe("refused");
  });

  test("reservations that ended leave nothing behind once they would have expired", async () => {
    const account = accountOf(10_000);
    const given = { expiresInMs: 200 };
    const ids = await Promise.all(
      Array.from({ length: 50 }, () => hold(store.ledger, account, 1, given)),
    );
    await store.ledger.settle(ids.map((id) => ({ id, as: "settled", amounts: [1] })));
    await until("their keys to go", async () => {
      await store.ledger.balances([account]); // whoever asks sweeps
      return (await keys("r:")).length === 0;
    });
    expect(await client.zCard(`{${namespace}}:due`)).toBe(0);
  });

  test("an id that ended with many others stays taken until its reservation would have expired", async () => {
    const account = accountOf(10_000);
    const batch = Array.from({ length: 150 }, () => {
      return reservationOf(account, 10, { expiresInMs: 2_000, atMs: 1 });
    });
    const again = async (): Promise<readonly string[]> => {
      const { results } = await store.ledger.reserve(batch);
      return [...new Set(results.map(({ kind }) => kind))];
    };
    await store.ledger.reserve(batch);
    await store.ledger.dispatch(batch.slice(100, 101).map(({ id }) => id));
    const ends = batch.map(({ id }) => ({ id, as: "settled", amounts: [1] }) as const);
    await store.ledger.settle(ends);
    expect(await again()).toEqual(["duplicate"]);
    await until("their keys to go", async () => {
      await store.ledger.balances([account]);
      return (await keys("r:")).length === 0;
    });
    expect(await again()).toEqual(["reserved"]);
    expect(await balanceOf(store, account)).toMatchObject({ settled: 150, held: 1_500 });
    await store.ledger.settle(ends);
    expect(await balanceOf(store, account)).toMatchObject({ settled: 300, held: 0 });
  });

  test("one run ends a part of what is due, and every balance is right in the end", async () => {
    const account = accountOf(10_000);
    const batch = Array.from({ length: 150 }, () => reservationOf(account, 10, { expiresInMs: 1 }));
    await store.ledger.reserve(batch);
    const due = `{${namespace}}:due`;
    await until("their expiry", async () => {
      const [seconds, micros] = (await client.sendCommand(["TIME"])) as unknown as string[];
      const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
      return (await client.zCount(due, "-inf", nowMs)) === (await client.zCard(due));
    });
    let heldBefore = 1_500;
    for (const most of [860, 220, 0]) {
      const { held } = await balanceOf(store, account);
      expect(held).toBeLessThanOrEqual(most);
      expect(heldBefore - held).toBeLessThan(2 * 64 * 10);
      heldBefore = held;
    }
    expect(await balanceOf(store, account)).toMatchObject({ settled: 0, unknown: 0 });
  });

  test("data of the version before are kept, and its processes do nothing any more", async () => {
    const account = accountOf(100);
    const id = await hold(store.ledger, account, 10);
    const mark = `{${namespace}}:schema`;
    const now = await client.get(mark);
    await client.set(mark, String(now).replace("burnrate-store 2 ", "burnrate-store 1 "));
    await expect(balanceOf(store, account)).rejects.toThrow("BR8001");
    const next = redisStore({ client, namespace });
    expect(await balanceOf(next, account)).toMatchObject({ held: 10 });
    expect(await client.get(mark)).toBe(now);
    await next.ledger.settle([{ id, as: "settled", amounts: [7] }]);
    expect(await balanceOf(next, account)).toMatchObject({ settled: 7, held: 0 });
    await next.ledger.close();
  });

  test("a kill log that grows is cut, but not kills in force and newest limits", async () => {
    const kill = (id: string, expiresAtMs?: number): NewKillEntry => ({
      kind: "kill",
      id,
      target: "everything",
      level: "stop",
      reason: "r",
      by: "b",
      atMs: Date.now(),
      expiresAtMs,
    });
    const why = { reason: "r", by: "b", atMs: Date.now() };
    const limit = { kind: "limit", id: "b", unit: "usd", configured: 1, ...why } as const;
    await store.killLog.append(kill("stays"));
    await store.killLog.append(kill("expired", 1));
    await store.killLog.append({ ...limit, limit: 1 });
    await store.killLog.append({ ...limit, limit: 2 });
    const lines = Array.from({ length: 2_100 }, (_, index) =>
      index % 2 === 0
        ? kill(`k${index}`)
        : ({ kind: "revive", id: `k${index - 1}`, ...why } as const),
    );
    for (let first = 0; first < lines.length; first += 300) {
      await Promise.all(lines.slice(first, first + 300).map((line) => store.killLog.append(line)));
    }
    const read = await store.killLog.read(0);
    expect(read.length).toBeLessThan(1_500);
    expect(read.slice(0, 2).map(({ epoch, id }) => [epoch, id])).toEqual([
      [1, "stays"],
      [4, "b"],
    ]);
    expect(read.at(-1)?.epoch).toBe(2_104);
    expect((await store.ledger.balances([])).killEpoch).toBe(2_104);
  });
});
