import { expect, it } from "vitest";
import { setUp, tool } from "../guard/test-fixture.ts";
import { join, turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

const CRASHED = 20;

it("a store that falls silent is asked about one crashed process, and a closing guard waits for no other", async () => {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  const budgets = ["$100/day"];
  for (let crash = 0; crash < CRASHED; crash++) {
    const { guard } = join(database, { budgets, journal });
    (await guard.begin(tool("t", 0.01))).dispatched();
  }
  await turns();
  journal.crash();
  const store = database.connect();
  let asked = 0;
  const returnLeases = (): Promise<never> => {
    asked++;
    return new Promise(() => {});
  };
  const silent = { ...store, ledger: { ...store.ledger, returnLeases } };
  const { guard, clock } = setUp({ budgets, store: silent, journal });
  void guard.budgets().catch(() => {});
  await turns();
  let closed = false;
  void guard.close().finally(() => {
    closed = true;
  });
  for (let second = 0; second < 20 && !closed; second++) {
    clock.advance(1_000);
    await turns();
  }
  expect({ closed, asked }).toEqual({ closed: true, asked: 1 });
  expect(journal.parts.size).toBe(CRASHED);
});
