import { describe, expect, it } from "vitest";
import { account, codeOf, model, setUp, spend, tool, used } from "../guard/test-fixture.ts";
import type { GuardOptions, Ledger } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { join, pass, spendAll, turns, watched } from "./test-processes.ts";

describe("a store that has lost its last second", () => {
  /** Everything that was written since is gone, as when a server restarts from an older copy. */
  it.each([
    ["from a lease", 100],
    ["exactly, near the limit", 1],
  ])("is told again what was spent %s", async (_, limit) => {
    const lost = new SlowDatabase();
    const restored = new SlowDatabase();
    let database = lost;
    const { ledger } = lost.connect();
    const moved = (method: keyof Ledger) =>
      ((...given: never[]) => {
        const target = database.connect().ledger[method] as (...all: never[]) => unknown;
        return target(...given);
      }) as never;
    const store = {
      ...lost.connect(),
      ledger: {
        ...ledger,
        reserve: moved("reserve"),
        settle: moved("settle"),
        lease: moved("lease"),
        returnLeases: moved("returnLeases"),
        balances: moved("balances"),
        charge: moved("charge"),
        dispatch: moved("dispatch"),
      },
    };
    const made = setUp({ budgets: [`$${limit}/day`], store });
    const permits = [];
    for (let call = 0; call < 5; call++) permits.push(await made.guard.begin(tool("t", 0.1)));
    database = restored;
    for (const permit of permits) {
      permit.dispatched();
      await permit.settle();
    }
    await pass(restored, [made], 3_000);
    expect(await account(made.guard)).toMatchObject({ settled: 0.5e9, held: 0 });
  });
});

describe("an answer that is lost on the way", () => {
  it("does not make anything count twice", async () => {
    const database = new SlowDatabase();
    const { ledger, ...rest } = database.connect();
    let losing = false;
    const lossy: Ledger = {
      ...ledger,
      returnLeases: async (batch) => {
        const reply = await ledger.returnLeases(batch);
        if (losing) throw new Error("connection reset");
        return reply;
      },
      settle: async (batch) => {
        const reply = await ledger.settle(batch);
        if (losing) throw new Error("connection reset");
        return reply;
      },
    };
    for (const budget of ["$100/day", "$0.40/day"]) {
      const made = setUp({ budgets: [budget], store: { ...rest, ledger: lossy } });
      const permits = [];
      for (let call = 0; call < 4; call++) permits.push(await made.guard.begin(tool("t", 0.1)));
      losing = true;
      for (const permit of permits) {
        permit.dispatched();
        await permit.settle();
      }
      await pass(database, [made], 2_000);
      losing = false;
      await pass(database, [made], 3_000);
      expect(await account(made.guard)).toMatchObject({ settled: 0.4e9, held: 0, unknown: 0 });
    }
  });
});

describe("while the store is out", () => {
  const budget = (onStoreOutage: unknown): GuardOptions => ({
    budgets: [{ id: "b", limit: { usd: 100 }, window: "day", onStoreOutage } as never],
  });

  async function outage(onStoreOutage: unknown) {
    const database = new SlowDatabase();
    const process = join(database, budget(onStoreOutage));
    for (let call = 0; call < 3; call++) {
      process.clock.advance(100);
      await spend(process.guard, tool("t", 0.01));
    }
    await turns();
    process.line.cut = true;
    process.clock.advance(1_000);
    await turns();
    return { ...process, database };
  }

  it("nothing is admitted, when nothing else is said", async () => {
    const { guard, line, clock } = await outage(undefined);
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBe("BR8001");
    line.cut = false;
    clock.advance(1_000);
    await turns();
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBeUndefined();
  });

  it("what is leased may be spent, until the lease ends", async () => {
    const { guard, clock, line } = await outage("use-lease");
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBeUndefined();
    clock.advance(15_000);
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBe("BR8001");
    line.cut = false;
    clock.advance(2_000);
    await turns();
    expect(await account(guard)).toMatchObject({ settled: 40_000_000 });
  });

  it("so many calls may be made as were allowed, and they are charged afterwards", async () => {
    const { guard, clock, line } = await outage({ allow: 2 });
    clock.advance(15_000);
    expect(await spendAll(guard, 5)).toBe(2);
    line.cut = false;
    clock.advance(2_000);
    await turns(30);
    expect(await account(guard)).toMatchObject({ settled: 50_000_000 });
  });

  it.each([
    ["never ends", undefined, 32_250_000],
    ["ends later, having used less", 500, 32_250_000],
    ["ends later, having used more", 2_000, 34_250_000],
  ])("a call let through that %s is charged all that it may cost", async (...given) => {
    const [, outputTokens, settled] = given;
    const { database, ...made } = await outage({ allow: 1 });
    made.clock.advance(15_000);
    const permit = await made.guard.begin(model(1_000, 1_000));
    permit.dispatched();
    made.line.cut = false;
    await pass(database, [made], 1_200_000);
    expect(await account(made.guard)).toMatchObject({ settled: 32_250_000 });
    if (outputTokens !== undefined) await permit.settle(used(1_000, outputTokens));
    await pass(database, [made], 2_000);
    expect(await account(made.guard)).toMatchObject({ settled, held: 0, unknown: 0 });
  });

  it("what ends is charged when it is back", async () => {
    const database = new SlowDatabase();
    const process = join(database, { budgets: ["$1/day"] });
    const { guard, line } = process;
    const permits = [];
    for (let call = 0; call < 6; call++) permits.push(await guard.begin(tool("t", 0.15)));
    line.cut = true;
    for (const permit of permits) {
      permit.dispatched();
      await permit.settle();
    }
    line.cut = false;
    await pass(database, [process], 3_000);
    expect(await account(guard)).toMatchObject({ settled: 0.9e9, held: 0, unknown: 0 });
  });

  it("a call does not wait for ever for a store that does not answer", async () => {
    const { store } = watched(new SlowDatabase().connect());
    let silent = false;
    const never = (): Promise<never> => new Promise(() => {});
    const hanging: Ledger = {
      ...store.ledger,
      lease: (batch) => (silent ? never() : store.ledger.lease(batch)),
      balances: (refs) => (silent ? never() : store.ledger.balances(refs)),
    };
    const { guard, clock } = setUp({ budgets: ["$1/day"], store: { ...store, ledger: hanging } });
    await spend(guard, tool("t", 0.001));
    silent = true;
    const waiting = codeOf(spend(guard, tool("t", 0.5)));
    await turns();
    clock.advance(2_000);
    expect(await waiting).toBe("BR8001");
  });
});
