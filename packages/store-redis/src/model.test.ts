import { randomUUID } from "node:crypto";
import { type AccountRef, createMemoryStore, type Ledger } from "@burnrate/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { nodeRedisDriver } from "./testing/drivers.ts";
import {
  canRunRedis,
  NO_SERVER,
  openRedisTarget,
  type RedisTarget,
} from "./testing/redis-target.ts";
import { accountOf } from "./testing/world.ts";

const LONG_MS = 3_600_000;
const MINUTE = { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 } as const;

const amount = fc.constantFrom(0, 1, 7, 30, 60, 60, -1, 0.5, 1e15);

/** Small numbers, so that requests meet each other. */
const step = fc.record({
  what: fc.constantFrom(
    ...(["reserve", "settle", "lease", "return", "charge", "correct"] as const),
  ),
  id: fc.nat(4),
  accounts: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
  amounts: fc.array(amount, { minLength: 3, maxLength: 3 }),
  as: fc.constantFrom(...(["settled", "released", "unknown"] as const)),
  secondsLater: fc.nat(20),
  limit: fc.constantFrom(100, 100, 150, 40),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const canRun = canRunRedis();

describe.skipIf(!canRun)(canRun ? "the script beside the ledger in memory" : NO_SERVER, () => {
  const driver = nodeRedisDriver();
  let target: RedisTarget;
  let durable: Ledger;
  beforeAll(async () => {
    target = await openRedisTarget();
    durable = redisStore({ client: await driver.connect(target.url) }).ledger;
  });
  afterAll(async () => {
    await durable.close();
    driver.closeAll();
    await target.stop();
  });

  test("any sequence of requests has the same answers and balances", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const { ledger: model } = createMemoryStore();
        const talk = new Talk();
        for (const one of steps) {
          talk.begin(one);
          const expected = await talk.ask(model, one);
          expect(plain(await talk.ask(durable, one)), JSON.stringify(one)).toEqual(plain(expected));
          talk.end(one, expected);
          const balances = await model.balances(talk.accounts());
          const shown = await durable.balances(talk.accounts());
          expect(plain(shown.results)).toEqual(plain(balances.results));
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** One sequence of requests, as it is put to both ledgers. */
class Talk {
  readonly #run = randomUUID();
  readonly #refs = [accountOf(100), accountOf(100), accountOf(100, { window: MINUTE })];
  readonly #uses = new Map<string, number>();
  /**
   * Ids that are over: a durable ledger remembers them, memory does not, so they get a new name.
   */
  readonly #over = new Set<string>();
  #atMs = Date.now();
  #revision = 0;

  accounts(limit = 100): AccountRef[] {
    return this.#refs.map((ref) => ({ ...ref, limit }));
  }

  begin(one: Step): void {
    this.#atMs += one.secondsLater * 1_000;
    this.#revision++;
    const id = this.#id(one);
    if ((one.what !== "reserve" && one.what !== "lease") || !this.#over.has(id)) return;
    const name = nameOf(one);
    this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  async ask(ledger: Ledger, one: Step): Promise<readonly unknown[]> {
    const { amounts, what } = one;
    const [first = 0, second = 0, third = 0] = amounts;
    const all = this.accounts(one.limit);
    const accounts = one.accounts.map((index) => all[index] as AccountRef);
    const account = accounts[0] as AccountRef;
    const [id, atMs] = [this.#id(one), this.#atMs];
    if (what === "reserve") {
      const { results } = await ledger.reserve([
        { id, accounts, amounts, expiresInMs: LONG_MS, atMs },
      ]);
      return results;
    }
    if (what === "settle")
      return (await ledger.settle([{ id, as: one.as, amounts, atMs }])).results;
    if (what === "lease") {
      const given = { amount: first, minimum: second, maxShare: 0.5, ttlMs: LONG_MS };
      return (await ledger.lease([{ id, account, ...given, atMs }])).results;
    }
    if (what === "return") {
      const given = { revision: this.#revision, settled: first, unknown: second, kept: third };
      return (await ledger.returnLeases([{ id, ...given, atMs }])).results;
    }
    if (what === "charge") {
      return (await ledger.charge([{ id, account, amount: first, atMs, rememberMs: LONG_MS }]))
        .results;
    }
    return (await ledger.correct([{ account, settled: first }])).results;
  }

  end(one: Step, [result]: readonly unknown[]): void {
    const { applied, expiresAtMs } = result as { applied?: boolean; expiresAtMs?: number };
    const isEnd = one.what === "settle" ? one.as !== "unknown" : one.what === "return";
    if (applied === true && isEnd && expiresAtMs === undefined) this.#over.add(this.#id(one));
  }

  #id(one: Step): string {
    const name = nameOf(one);
    return `${name}.${this.#uses.get(name) ?? 0} ${this.#run}`;
  }
}

/** Reservations, leases and charges have ids of their own. */
function nameOf({ what, id }: Step): string {
  if (what === "reserve" || what === "settle") return `r${id}`;
  return what === "charge" ? `c${id}` : `l${id}`;
}

/** Values instead of live balances; when a lease ends depends on whose clock it is. */
function plain(results: unknown): unknown {
  return JSON.parse(
    JSON.stringify(results, (key, value: unknown) => {
      if (key === "expiresAtMs") return value !== undefined;
      if (typeof value !== "object" || value === null || !("settled" in value)) return value;
      const { settled, held, leased, unknown } = value as unknown as Record<string, unknown>;
      return { settled, held, leased, unknown };
    }),
  );
}
