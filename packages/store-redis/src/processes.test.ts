import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Store } from "@burnrate/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { ioRedisDriver, nodeRedisDriver } from "./testing/drivers.ts";
import {
  canRunRedis,
  NO_SERVER,
  openRedisTarget,
  type RedisTarget,
} from "./testing/redis-target.ts";
import type { WorkerReport, WorkerTask } from "./testing/worker.ts";
import { accountOf, balanceOf, until } from "./testing/world.ts";

const WORKER = fileURLToPath(new URL("./testing/worker.ts", import.meta.url));
const LIMIT = 30_000;
const EXPIRES_MS = 1_500;
const canRun = canRunRedis();

describe.skipIf(!canRun)(canRun ? "several processes on one server" : NO_SERVER, () => {
  const driver = nodeRedisDriver();
  const children: ChildProcess[] = [];
  let target: RedisTarget;
  let store: Store;
  let billed = 0;

  beforeAll(async () => {
    target = await openRedisTarget();
    store = redisStore({ client: await driver.connect(target.url) });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    billed = 0;
  });
  afterAll(async () => {
    await store.ledger.close();
    driver.closeAll();
    await target.stop();
  });

  function start(task: Omit<WorkerTask, "url" | "limit" | "expiresInMs">): ChildProcess {
    const child = fork(WORKER, { execArgv: ["--conditions=@burnrate/source"] });
    children.push(child);
    child.on("message", (report: WorkerReport) => {
      billed += report.billed;
    });
    child.send({ ...task, url: target.url, limit: LIMIT, expiresInMs: EXPIRES_MS });
    return child;
  }

  test("four processes never spend more than the limit, and hold nothing at the end", async () => {
    const account = accountOf(LIMIT);
    const { key } = account;
    const drivers = ["redis", "ioredis", "redis", "ioredis"] as const;
    const running = drivers.map((name) => start({ key, calls: 1_500, driver: name }));
    const codes = await Promise.all(running.map((child) => once(child, "exit")));
    expect(codes.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    const balance = await balanceOf(store, account);
    expect(balance).toEqual({ settled: billed, held: 0, leased: 0, unknown: 0 });
    expect(billed).toBeLessThanOrEqual(LIMIT);
    expect(billed).toBeGreaterThan(0.97 * LIMIT);
  });

  test("processes that are killed at any moment leave the account right", async () => {
    const account = accountOf(LIMIT);
    const { key } = account;
    const launch = (index: number): ChildProcess =>
      start({ key, calls: 1_000, driver: index % 2 === 0 ? "redis" : "ioredis" });
    for (let round = 0; round < 8; round++) {
      const before = billed;
      const child = launch(round);
      await until("calls", () => billed > before + 500 + 130 * round);
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      const { settled, held, leased, unknown } = await balanceOf(store, account);
      expect(settled + held + leased + unknown).toBeLessThanOrEqual(LIMIT);
      expect(settled + held + unknown).toBeGreaterThanOrEqual(billed);
    }
    await until("expiry", async () => (await balanceOf(store, account)).held === 0);
    const { settled, unknown } = await balanceOf(store, account);
    expect(billed).toBeLessThanOrEqual(settled + unknown);
    expect(settled + unknown).toBeLessThanOrEqual(LIMIT);
    expect(unknown).toBeGreaterThan(0);
  });
});

describe.skipIf(!canRun)(canRun ? "an idle store" : NO_SERVER, () => {
  test.each([nodeRedisDriver, ioRedisDriver])(
    "does not keep its process alive once the caller's client is closed",
    async (makeDriver) => {
      const target = await openRedisTarget();
      const name = makeDriver === nodeRedisDriver ? "redis" : "ioredis";
      const idle = fileURLToPath(new URL("./testing/idle-worker.ts", import.meta.url));
      const child = fork(idle, [name, target.url], {
        execArgv: ["--conditions=@burnrate/source"],
      });
      try {
        const [code] = await once(child, "exit");
        expect(code).toBe(0);
      } finally {
        child.kill("SIGKILL");
        await target.stop();
      }
    },
  );
});
