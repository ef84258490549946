import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Store } from "@burnrate/core";
import {
  type BreakingLine,
  LINE_STEPS,
  startBreakingLine,
  storeContract,
} from "@burnrate/core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { redisStore } from "../redis-store.ts";
import type { Driver } from "./drivers.ts";
import { canRunRedis, NO_SERVER, openRedisTarget, type RedisTarget } from "./redis-target.ts";

/** Random histories, the same in every run. */
const HISTORIES = { numRuns: 5, seed: 1 };
const HISTORY = { minLength: 100, maxLength: 200, size: "max" } as const;

/** Runs what every store must do with one client package, on a real server. */
export function runContract(makeDriver: () => Driver): void {
  const [driver, onLine] = [makeDriver(), makeDriver()];
  const canRun = canRunRedis();
  describe.skipIf(!canRun)(canRun ? driver.name : NO_SERVER, () => {
    let target: RedisTarget;
    let line: BreakingLine;
    let namespace = "";
    beforeAll(async () => {
      target = await openRedisTarget();
      line = await startBreakingLine(target.url);
    });
    afterAll(async () => {
      for (const one of [driver, onLine]) one.closeAll();
      await line.close();
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
      crash: {
        steps: LINE_STEPS,
        open: async (step) => {
          onLine.closeAll();
          line.mend();
          const client = await onLine.connect(line.url);
          const { ledger } = redisStore({ client, namespace });
          return { ledger, breakNext: () => line.breakNext(step), hasBroken: line.hasBroken };
        },
        explore: (check) =>
          fc.assert(fc.asyncProperty(fc.array(fc.nat(), HISTORY), check), HISTORIES),
      },
    });
  });
}
