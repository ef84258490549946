import { describe, expect, it } from "vitest";
import { account, spend, tool } from "../guard/test-fixture.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { join, pass } from "./test-processes.ts";

const BUDGET = {
  id: "b",
  limit: { usd: 1 },
  window: { calendar: "day" },
  onStoreOutage: { allow: 5 },
} as const;
const REQUEST = { ...tool("pay", 0.02), idempotencyKey: "order-7" };
const ONCE = { settled: 20_000_000, held: 0, leased: 0, unknown: 0 };

async function outage() {
  const database = new SlowDatabase();
  const one = join(database, { budgets: [BUDGET] });
  await one.guard.budgets(); // the store is open from then on
  const cut = async (): Promise<void> => {
    one.line.cut = true;
    await one.guard.budgets().catch(() => []); // it is noticed
  };
  const mend = async (): Promise<void> => {
    one.line.cut = false;
    await pass(database, [one], 3_000);
  };
  return { ...one, database, cut, mend };
}

describe("attempts with one idempotency key, some of them while the store is down,", () => {
  it("are charged once when a call that was let through and has ended is tried again", async () => {
    const { guard, records, cut, mend } = await outage();
    await cut();
    await spend(guard, REQUEST);
    await spend(guard, REQUEST);
    await mend();
    await spend(guard, REQUEST);
    await mend();
    expect(await account(guard)).toMatchObject(ONCE);
    expect(records.map(({ costNanoUsd }) => costNanoUsd)).toEqual([20_000_000, 0, 0]);
  });

  it("are charged also when one of them gives its share back", async () => {
    const { guard, cut, mend } = await outage();
    await cut();
    const [first, second] = [await guard.begin(REQUEST), await guard.begin(REQUEST)];
    first.dispatched();
    await second.release();
    await first.settle();
    await mend();
    expect(await account(guard)).toMatchObject(ONCE);
    expect(guard.metrics().dropped.settlements).toBe(0);
  });

  it("hold their money again after all have given it back", async () => {
    const { guard, cut, mend } = await outage();
    await cut();
    const [first, second] = [await guard.begin(REQUEST), await guard.begin(REQUEST)];
    await first.release();
    await second.release();
    await spend(guard, REQUEST);
    await mend();
    expect(await account(guard)).toMatchObject(ONCE);
  });

  it.each([
    ["in flight", "last"],
    ["over, and its end waits for the store", "meanwhile"],
    ["over, and its end waited for the store in another outage", "before"],
    ["over and charged", "first"],
  ])("are charged once when the first, made before, is %s", async (_, ends) => {
    const { guard, database, clock, records, cut, mend } = await outage();
    const first = await guard.begin(REQUEST);
    first.dispatched();
    if (ends === "first") await first.settle();
    await cut();
    if (ends === "before" || ends === "meanwhile") await first.settle();
    if (ends === "before") {
      await mend();
      await cut();
    }
    await spend(guard, REQUEST);
    if (ends === "last") await first.settle();
    else expect(records.map(({ costNanoUsd }) => costNanoUsd)).toEqual([20_000_000, 0]);
    await mend();
    await pass(database, [{ clock }], 700_000);
    expect(await account(guard)).toMatchObject(ONCE);
  });
});
