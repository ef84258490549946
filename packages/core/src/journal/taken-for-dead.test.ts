import { expect, it } from "vitest";
import { account, spend, tool } from "../guard/test-fixture.ts";
import { join, pass, turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

const BUDGET = { id: "b", limit: { usd: 100 }, window: "day" } as const;

it("a process that others took for dead, and that goes on, is counted once", async () => {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  const sleeper = join(database, { budgets: [BUDGET], journal });
  const sent = await sleeper.guard.begin(tool("t", 0.2));
  sent.dispatched();
  for (let call = 0; call < 5; call++) await spend(sleeper.guard, tool("t", 0.01));
  await turns();
  const watcher = join(database, { budgets: [BUDGET], journal });
  await watcher.guard.budgets();
  await pass(database, [watcher], 25_000); // the sleeper's clock stands still
  expect(journal.parts.size).toBe(0);
  expect(await account(watcher.guard)).toMatchObject({ settled: 0.05e9, unknown: 0.2e9 });
  sleeper.clock.advance(25_000);
  await turns();
  await sent.settle();
  await pass(database, [sleeper, watcher], 3_000);
  expect(await account(watcher.guard)).toMatchObject({
    ...{ settled: 0.25e9, unknown: 0, held: 0, leased: 0 },
  });
});
