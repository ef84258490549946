import { describe, expect, it } from "vitest";
import { account, setUp, spend, tool } from "../guard/test-fixture.ts";
import type { GuardOptions, Ledger } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { join, pass, spendAll } from "./test-processes.ts";

/** A process to which the answers of some methods get lost, from `lose` on. */
function deafTo(database: SlowDatabase, methods: readonly (keyof Ledger)[], options: GuardOptions) {
  const { ledger, ...rest } = database.connect();
  const line = { loses: false };
  const deaf = Object.fromEntries(
    methods.map((name) => {
      const method = ledger[name] as (...given: unknown[]) => unknown;
      const ask = async (...given: unknown[]): Promise<unknown> => {
        const reply = await method(...given);
        if (line.loses) throw new Error("connection reset");
        return reply;
      };
      return [name, ask];
    }),
  ) as Partial<Ledger>;
  return { ...setUp({ ...options, store: { ...rest, ledger: { ...ledger, ...deaf } } }), line };
}

const HALF = {
  id: "b",
  limit: { usd: 1 },
  window: "day" as const,
  at: [{ fraction: 0.5, do: "alert" as const }],
};

/** The fractions of thresholds that a guard says were crossed. */
function crossingsOf({ guard }: Pick<ReturnType<typeof join>, "guard">): number[] {
  const told: number[] = [];
  guard.on("budget-threshold-crossed", ({ fraction }) => told.push(fraction));
  return told;
}

describe("a lease whose grant got lost on the way", () => {
  it("goes back, and none of it counts as spent", async () => {
    const database = new SlowDatabase();
    const process = deafTo(database, ["lease"], { budgets: ["$100/day"] });
    process.line.loses = true;
    await spendAll(process.guard, 1);
    process.line.loses = false;
    await pass(database, [process], 15_000);
    const { settled, leased, unknown } = await account(process.guard);
    expect(settled).toBeLessThanOrEqual(10_000_000);
    expect({ leased, unknown }).toEqual({ leased: 0, unknown: 0 });
  });
});

describe("a threshold that was crossed", () => {
  it("is told though the answer to the report got lost", async () => {
    const database = new SlowDatabase();
    const budget = { ...HALF, limit: { usd: 100 } };
    const process = deafTo(database, ["returnLeases"], { budgets: [budget] });
    const told = crossingsOf(process);
    await spendAll(process.guard, 1, 49.9);
    await pass(database, [process], 2_000);
    process.line.loses = true;
    await spendAll(process.guard, 20);
    await pass(database, [process], 1_000);
    process.line.loses = false;
    await spendAll(process.guard, 1);
    await pass(database, [process], 3_000);
    expect(told).toEqual([0.5]);
  });

  it("is told though the store was out when the calls ended", async () => {
    const database = new SlowDatabase();
    const process = join(database, { budgets: [HALF] });
    const told = crossingsOf(process);
    const permits = [];
    for (let call = 0; call < 6; call++) permits.push(await process.guard.begin(tool("t", 0.15)));
    process.line.cut = true;
    for (const permit of permits) {
      permit.dispatched();
      await permit.settle();
    }
    process.line.cut = false;
    await pass(database, [process], 3_000);
    expect(await account(process.guard)).toMatchObject({ settled: 0.9e9, held: 0 });
    expect(told).toEqual([0.5]);
  });

  it("is told though the calls were let through while the store was out", async () => {
    const database = new SlowDatabase();
    const budget = { ...HALF, onStoreOutage: { allow: 10 } };
    const process = join(database, { budgets: [budget] });
    const told = crossingsOf(process);
    await spend(process.guard, tool("t", 0.001));
    await pass(database, [process], 3_000);
    process.line.cut = true;
    await pass(database, [process], 3_000);
    expect(await spendAll(process.guard, 6, 0.1)).toBe(6);
    process.line.cut = false;
    await pass(database, [process], 3_000);
    expect(told).toEqual([0.5]);
  });
});

describe("a threshold of which several processes spend", () => {
  /** One process spends up to just under half, and the answers to its last reports get lost. */
  async function setOut(usd: number) {
    const database = new SlowDatabase();
    const budget = { ...HALF, limit: { usd: 100 } };
    const one = deafTo(database, ["returnLeases"], { budgets: [budget] });
    const other = join(database, { budgets: [budget] });
    const told = [crossingsOf(one), crossingsOf(other)];
    await spendAll(one.guard, 1, 49.9);
    await spendAll(other.guard, 1, 0.01);
    await pass(database, [one, other], 2_000);
    one.line.loses = true;
    await spendAll(one.guard, 20, usd);
    await pass(database, [one], 4_000); // its lease went back, as far as the store knows
    return { database, one, other, told };
  }

  it("is told though another one reported before the last report could be repeated", async () => {
    const { database, one, other, told } = await setOut(0.01);
    await spendAll(other.guard, 1, 0.01);
    await pass(database, [other], 2_000);
    one.line.loses = false;
    await pass(database, [one, other], 3_000);
    expect(told).toEqual([[0.5], []]);
  });

  it("is told by the other one, once, when that crossed it", async () => {
    const { database, one, other, told } = await setOut(0.001);
    one.line.loses = false;
    await pass(database, [one, other], 3_000);
    await spendAll(other.guard, 1, 0.2);
    await pass(database, [one, other], 3_000);
    expect(told).toEqual([[], [0.5]]);
  });
});

it("a charge without a lease whose answer got lost is told, and made once", async () => {
  const database = new SlowDatabase();
  const budget = { ...HALF, onStoreOutage: { allow: 10 } };
  const process = deafTo(database, ["charge", "returnLeases", "lease", "balances"], {
    budgets: [budget],
  });
  const told = crossingsOf(process);
  await spend(process.guard, tool("t", 0.001));
  await pass(database, [process], 3_000);
  process.line.loses = true;
  await pass(database, [process], 3_000);
  expect(await spendAll(process.guard, 6, 0.1)).toBe(6);
  await pass(database, [process], 3_000);
  process.line.loses = false;
  await pass(database, [process], 3_000);
  expect(await account(process.guard)).toMatchObject({ settled: 0.601e9 });
  expect(told).toEqual([0.5]);
});
