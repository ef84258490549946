import { expect, it } from "vitest";
import { account, spend, tool } from "../guard/test-fixture.ts";
import { join, pass, turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import type { Journal } from "./journal.ts";
import { MemoryJournal } from "./memory-journal.ts";

const BUDGET = { id: "b", limit: { usd: 100 }, window: "day" } as const;

/** A process that falls asleep until another one has told of it; then it goes on. */
async function sleepThrough(callInFlight: boolean) {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  const sleeper = join(database, { budgets: [BUDGET], journal });
  for (let call = 0; call < 5; call++) await spend(sleeper.guard, tool("t", 0.01));
  const sent = callInFlight ? await sleeper.guard.begin(tool("t", 0.2)) : undefined;
  sent?.dispatched();
  await turns();
  const watcher = join(database, { budgets: [BUDGET], journal });
  await watcher.guard.budgets();
  await pass(database, [watcher], 25_000); // the sleeper's clock stands still
  expect(journal.parts.size).toBe(0);
  const unknown = callInFlight ? 0.2e9 : 0;
  expect(await account(watcher.guard)).toMatchObject({ settled: 0.05e9, unknown });
  sleeper.clock.advance(25_000);
  await turns();
  await sent?.settle();
  await pass(database, [sleeper, watcher], 3_000);
  return account(watcher.guard);
}

it.each([
  [true, 0.25e9],
  [false, 0.05e9],
])(
  "a process that others took for dead, and that goes on, is counted once (call in flight: %j)",
  async (callInFlight, settled) => {
    expect(await sleepThrough(callInFlight)).toMatchObject({
      ...{ settled, unknown: 0, held: 0, leased: 0 },
    });
  },
);

/** One that goes on while another one that has told of it is about to remove its journal. */
async function wakesMeanwhile() {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  const slow = slowToRemove(journal);
  const sleeper = join(database, { budgets: [BUDGET], journal });
  for (let call = 0; call < 5; call++) await spend(sleeper.guard, tool("t", 0.01));
  await turns();
  const watcher = join(database, { budgets: [BUDGET], journal: slow.journal });
  await watcher.guard.budgets();
  await pass(database, [watcher], 25_000);
  expect(slow.isRemoving()).toBe(true);
  sleeper.clock.advance(25_000);
  await turns();
  return { database, slow, sleeper, watcher };
}

it.each([
  ["at once", 0],
  ["a second later", 1_000],
])("one whose journal is removed when it is awake is counted once, too (%s)", async (_, ms) => {
  const { database, slow, sleeper, watcher } = await wakesMeanwhile();
  await pass(database, [sleeper], ms);
  for (let look = 0; look < 3; look++) await sleeper.guard.budgets();
  slow.go();
  await pass(database, [sleeper, watcher], 3_000);
  expect(await account(watcher.guard)).toMatchObject({ settled: 0.05e9, unknown: 0, leased: 0 });
});

it("one that is closed when it wakes is counted once, too", async () => {
  const { database, slow, sleeper, watcher } = await wakesMeanwhile();
  await sleeper.guard.close();
  slow.go();
  await pass(database, [watcher], 3_000);
  expect(await account(watcher.guard)).toMatchObject({ settled: 0.05e9, unknown: 0, leased: 0 });
});

/** A folder in which nothing goes away before `go`. */
function slowToRemove(journal: MemoryJournal) {
  let go = (): void => {};
  let isRemoving = false;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const left = async (store: string) =>
    (await journal.left(store)).map((part) => ({
      ...part,
      remove: async () => {
        isRemoving = true;
        await gate;
        await part.remove();
      },
    }));
  const slow: Journal = { open: (store) => journal.open(store), left };
  return { journal: slow, go: () => go(), isRemoving: () => isRemoving };
}
