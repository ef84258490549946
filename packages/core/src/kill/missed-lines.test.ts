import { describe, expect, it } from "vitest";
import { setUp, spend, tool, WHY } from "../guard/test-fixture.ts";
import type { KillLog, Store } from "../index.ts";
import { pass } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";

const BUDGETS = ["$100/day"];

/** A process whose line to the kill log is bad in the ways that are named. */
function badLine(database: SlowDatabase, log: Partial<KillLog>) {
  const store: Store = database.connect();
  const made = setUp({
    budgets: BUDGETS,
    store: { ...store, killLog: { ...store.killLog, ...log } },
  });
  return { ...made, log: store.killLog };
}

describe("a kill", () => {
  it("reaches calls in flight although its message was lost and the log could not be read at first", async () => {
    const database = new SlowDatabase();
    const one = setUp({ budgets: BUDGETS, store: database.connect() });
    let isBroken = false;
    const other = badLine(database, {
      subscribe: () => () => {},
      read: (epoch) => {
        if (isBroken) throw new Error("no route to host");
        return other.log.read(epoch);
      },
    });
    const permit = await other.guard.begin(tool("t", 0.1));
    permit.dispatched();
    await spend(one.guard, tool("t", 0.1));
    isBroken = true;
    void one.guard.kill("everything", { ...WHY, ackTimeoutMs: 100 });
    await pass(database, [one, other], 1_000);
    isBroken = false;
    await pass(database, [one, other], 1_000);
    expect(permit.signal.aborted).toBe(true);
  });

  it("is written to the log once when the answer to it was lost on the way", async () => {
    const database = new SlowDatabase();
    let isLossy = true;
    const one = badLine(database, {
      append: async (entry) => {
        const line = await one.log.append(entry);
        if (isLossy) throw new Error("connection reset");
        return line;
      },
      subscribe: () => () => {},
    });
    const other = setUp({ budgets: BUDGETS, store: database.connect() });
    await spend(one.guard, tool("t", 0.1));
    await spend(other.guard, tool("t", 0.1));
    const heard: unknown[] = [];
    for (const { guard } of [one, other]) {
      guard.on("kill-issued", ({ id }) => heard.push([guard === one.guard ? "one" : "other", id]));
    }
    const killing = one.guard.kill({ agent: "a" }, { ...WHY, ackTimeoutMs: 100 });
    await pass(database, [one, other], 500);
    const { id } = await killing;
    isLossy = false;
    await pass(database, [one, other], 20_000);
    expect(heard).toHaveLength(2);
    expect(heard).toEqual(
      expect.arrayContaining([
        ["one", id],
        ["other", id],
      ]),
    );
    expect(one.guard.kills()).toMatchObject([{ id, epoch: 1 }]);
    expect(other.guard.kills()).toHaveLength(1);
  });
});
