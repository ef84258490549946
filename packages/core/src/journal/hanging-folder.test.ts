import { expect, it } from "vitest";
import { spend, tool } from "../guard/test-fixture.ts";
import { join, pass } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

it("a folder that hangs keeps no guard from opening, nor from closing", async () => {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  journal.left = () => new Promise(() => {});
  const process = join(database, { budgets: ["$100/day"], journal });
  const done: string[] = [];
  void spend(process.guard, tool("t", 0.1)).then(() => done.push("spent"));
  await pass(database, [process], 15_000);
  void process.guard.close().then(() => done.push("closed"));
  await pass(database, [process], 15_000);
  expect(done).toEqual(["spent", "closed"]);
});
