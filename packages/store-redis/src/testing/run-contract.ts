import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Store } from "@burnrate/core";
import { storeContract } from "@burnrate/core/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { redisStore } from "../redis-store.ts";
import type { Driver } from "./drivers.ts";
import { canRunRedis, NO_SERVER, openRedisTarget, type RedisTarget } from "./redis-target.ts";

/** Runs what every store must do with one client package, on a real server. */
export function runContract(driver: Driver): void {
  const canRun = canRunRedis();
  describe.skipIf(!canRun)(canRun ? driver.name : NO_SERVER, () => {
    let target: RedisTarget;
    let namespace = "";
    beforeAll(async () => {
      target = await openRedisTarget();
    });
    afterAll(async () => {
      driver.closeAll();
      await target.stop();
    });

    const open = async (): Promise<Store> =>
      redisStore({ client: await driver.connect(target.url), namespace });

    storeContract({
      test,
      createStore: () => {
        namespace = `contract-${randomUUID()}`;
        return open();
      },
      reopen: open,
      passTime: (ms) => setTimeout(ms),
    });
  });
}
