import type { AccountRef, MaybePromise, Reservation, Settlement } from "@burnrate/core";
import { afterAll, describe, expect, it } from "vitest";
import { randomFrom } from "./testing/random.ts";
import { accountOf, openStore } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const named = (name: string): string => server?.schema(name) ?? name;
const ROLLING = { kind: "rolling", lengthMs: 3_600_000, sliceMs: 60_000 } as const;

afterAll(() => server?.stop());

/**
 * Mostly alike: now and then one that is refused, of rolling windows, or of accounts that repeat.
 */
function someReservations(random: (below: number) => number, round: number): Reservation[] {
  const limit = random(4) === 0 ? 900 : 1e6 + random(2);
  const given = random(5) === 0 ? { window: ROLLING, windowKey: "rolling" } : {};
  const accounts = Array.from({ length: 4 }, (_, at) => accountOf(`batch-${at}`, limit, given));
  const pick = (): AccountRef => accounts[random(accounts.length)] as AccountRef;
  const count = random(6) === 0 ? 0 : 1 + random(3);
  const shared = random(2) === 0 ? Array.from({ length: count }, pick) : undefined;
  return Array.from({ length: 4 + random(6) }, (_, at) => ({
    id: `r-${round}-${random(12) === 0 ? 0 : at}`,
    accounts: shared ?? Array.from({ length: random(20) === 0 ? 1 : count }, pick),
    amounts: Array.from({ length: count }, () => (random(40) === 0 ? -1 : random(60))),
    expiresInMs: 600_000,
    atMs: 1e12,
    dispatched: random(3) === 0,
  }));
}

function someEnds(random: (below: number) => number, batch: readonly Reservation[]): Settlement[] {
  const as = random(3) === 0 ? (["released", "unknown"] as const)[random(2)] : undefined;
  return batch.map(({ id, amounts }) => ({
    id: random(20) === 0 ? "nobody" : id,
    as: as ?? "settled",
    amounts: amounts.map(() => (random(40) === 0 ? -1 : random(80))),
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

describe.skipIf(server === undefined)("a batch", () => {
  it("answers and leaves what its items would one after another", async () => {
    const [whole, single] = ["whole", "single"].map((name) => {
      return openStore(server?.url ?? "", named(name));
    });
    if (whole === undefined || single === undefined) throw new Error("two were opened");
    const random = randomFrom(7);
    const refs = [0, 1, 2, 3].map((at) => accountOf(`batch-${at}`, 1e6));
    try {
      for (let round = 0; round < 40; round++) {
        const batch = someReservations(random, round);
        const reserved = await whole.ledger.reserve(batch);
        expect(reserved.results).toEqual(
          await oneByOne(batch, (some) => single.ledger.reserve(some)),
        );
        for (let twice = 0; twice < 2; twice++) {
          const ends = someEnds(random, batch);
          const settled = await whole.ledger.settle(ends);
          expect(settled.results).toEqual(
            await oneByOne(ends, (some) => single.ledger.settle(some)),
          );
        }
        const { results } = await whole.ledger.balances(refs);
        expect(results).toEqual((await single.ledger.balances(refs)).results);
      }
    } finally {
      await whole.end();
      await single.end();
    }
  });
});
