import { expect, it } from "vitest";
import { setUp, tool } from "../guard/test-fixture.ts";
import { turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

it("a guard says that it lives while its store takes long to answer", async () => {
  const journal = new MemoryJournal();
  const store = new SlowDatabase().connect();
  const returnLeases = (): Promise<never> => new Promise(() => {});
  const slow = { ...store, ledger: { ...store.ledger, returnLeases } };
  const { guard, clock } = setUp({ budgets: ["$100/day"], store: slow, journal });
  (await guard.begin(tool("t", 0.1))).dispatched();
  const gaps: number[] = [];
  let lastMs = 0;
  for (let touched = 0; clock.monotonicMs() < 6_000; ) {
    clock.advance(250);
    await turns();
    const now = journal.touched.get("part 1") ?? 0;
    if (now === touched) continue;
    touched = now;
    gaps.push(clock.monotonicMs() - lastMs);
    lastMs = clock.monotonicMs();
  }
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
});
