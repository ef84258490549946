import { expect, it } from "vitest";
import { createGuard, createMemoryStore, type GuardOptions } from "../index.ts";

const BUDGETS = [{ id: "b", limit: { calls: 1 }, window: "day" as const }];

async function accountOf(store: NonNullable<GuardOptions["store"]>): Promise<string | undefined> {
  const guard = createGuard({ budgets: BUDGETS, store });
  return (await guard.budgets())[0]?.account;
}

it("guards that share a store call one balance by one name, and others by another", async () => {
  const store = createMemoryStore();
  expect(await accountOf(store)).toBe(await accountOf(store));
  expect(await accountOf(store)).not.toBe(await accountOf(createMemoryStore()));
  expect(await accountOf("memory")).not.toBe(await accountOf("memory"));
});

it("whoever opens the same store again, in any process, reads the same name", async () => {
  const { state } = createMemoryStore();
  const [first, second] = [createMemoryStore(), createMemoryStore()];
  const both = [accountOf({ ...first, state }), accountOf({ ...second, state })];
  expect(new Set(await Promise.all(both)).size).toBe(1);
});

it("a store that keeps no state, or cannot say its name, still tells its balances", async () => {
  const { state: _, ...bare } = createMemoryStore();
  expect(await accountOf(bare)).toBe(await accountOf(bare));
  const store = createMemoryStore();
  const down = { ...store.state, read: () => Promise.reject(new Error("down")) };
  expect(await accountOf({ ...store, state: down })).toMatch(/ /);
});
