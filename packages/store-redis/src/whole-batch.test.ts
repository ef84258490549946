import { randomUUID } from "node:crypto";
import type { AccountRef, MaybePromise, Reservation, Settlement } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { nodeRedisDriver } from "./testing/drivers.ts";
import { canRunRedis, NO_SERVER, openRedisTarget } from "./testing/redis-target.ts";
import { accountOf } from "./testing/world.ts";

const canRun = canRunRedis();
const ROLLING = { kind: "rolling", lengthMs: 3_600_000, sliceMs: 60_000 } as const;

/** Numbers that look random and are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Mostly alike: now and then one that is refused, of rolling windows, or of accounts that repeat.
 */
function someReservations(random: (below: number) => number, round: number): Reservation[] {
  const limit = random(4) === 0 ? 900 : 1e6 + random(2);
  const given = random(5) === 0 ? { window: ROLLING, windowKey: "rolling" } : {};
  const accounts = Array.from({ length: 4 }, (_, at) =>
    accountOf(limit, { key: `batch-${at}`, ...given }),
  );
  const pick = (): AccountRef => accounts[random(accounts.length)] as AccountRef;
  const count = random(6) === 0 ? 0 : 1 + random(3);
  const shared = random(2) === 0 ? Array.from({ length: count }, pick) : undefined;
  const someAmounts = (): number[] =>
    Array.from({ length: count }, () => (random(40) === 0 ? -1 : random(60)));
  const alike = random(2) === 0 ? someAmounts() : undefined;
  const dispatched = random(3) === 0;
  return Array.from({ length: 4 + random(6) }, (_, at) => ({
    id: `r-${round}-${random(12) === 0 ? 0 : at}`,
    accounts: shared ?? Array.from({ length: random(20) === 0 ? 1 : count }, pick),
    amounts: alike !== undefined && random(8) > 0 ? alike : someAmounts(),
    expiresInMs: 600_000,
    atMs: 1e12,
    dispatched: random(20) === 0 ? !dispatched : dispatched,
  }));
}

function someEnds(random: (below: number) => number, batch: readonly Reservation[]): Settlement[] {
  const as = random(3) === 0 ? (["released", "unknown"] as const)[random(2)] : undefined;
  const alike = random(2) === 0 ? random(80) : undefined;
  return batch.map(({ id, amounts }) => ({
    id: random(20) === 0 ? "nobody" : id,
    as: as ?? "settled",
    amounts: amounts.map(() => (random(40) === 0 ? -1 : (alike ?? random(80)))),
  }));
}

async function oneByOne<T, R>(
  items: readonly T[],
  ask: (batch: readonly T[]) => MaybePromise<{ readonly results: readonly R[] }>,
): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(...(await ask([item])).results);
  }
  return results;
}

describe.skipIf(!canRun)(canRun ? "a batch" : NO_SERVER, () => {
  test("answers and leaves what its items would one after another", async () => {
    const target = await openRedisTarget();
    const driver = nodeRedisDriver();
    const client = await driver.connect(target.url);
    const open = (name: string) => redisStore({ client, namespace: `${name}-${randomUUID()}` });
    const [whole, single] = [open("whole").ledger, open("single").ledger];
    const random = randomFrom(7);
    const refs = [0, 1, 2, 3].map((at) => accountOf(1e6, { key: `batch-${at}` }));
    try {
      for (let round = 0; round < 150; round++) {
        const batch = someReservations(random, round);
        const reserved = await whole.reserve(batch);
        expect(reserved.results).toEqual(await oneByOne(batch, (some) => single.reserve(some)));
        for (let twice = 0; twice < 2; twice++) {
          const ends = someEnds(random, batch);
          const settled = await whole.settle(ends);
          expect(settled.results).toEqual(await oneByOne(ends, (some) => single.settle(some)));
        }
        const { results } = await whole.balances(refs);
        expect(results).toEqual((await single.balances(refs)).results);
      }
    } finally {
      await whole.close();
      await single.close();
      driver.closeAll();
      await target.stop();
    }
  });
});
