import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setUp, tool } from "../guard/test-fixture.ts";
import { createLimits } from "../index.ts";
import { KeyTable } from "./key-table.ts";
import { KeysByTask } from "./keys-by-task.ts";
import { createLimitCounter } from "./limit-counter.ts";

describe("what a task has counted for each tool", () => {
  it("is forgotten when it ends, so that tasks that are over take no room", async () => {
    const limits = createLimits(["1 calls per task per tool", "24/day per tool per task"]);
    const { guard } = setUp({ limits });
    const call = () => guard.run(tool("search"), async () => ({ value: "found" }));
    const others = Promise.withResolvers<void>();
    const long = guard.task({ name: "long" }, async () => {
      await call();
      await others.promise;
      await expect(call()).rejects.toMatchObject({ code: "BR4001" });
    });
    for (let task = 0; task < 10_100; task++) await guard.task({ name: "short" }, call);
    others.resolve();
    await long;
    expect(limits.forgotten).toBe(0);
    await guard.close();
  });
});

const FIRST = (key: string) => key.slice(0, 1);

describe("a table of keys of tasks", () => {
  it("lets go of those of a task that no call in flight holds, and of no other's", () => {
    const counts = new KeyTable(createLimitCounter({ kind: "concurrency", most: 1 }), 9, FIRST);
    for (const key of ["a1", "a2", "b1"]) counts.take(counts.open(key, 0), 0);
    const slot = counts.find("a1");
    counts.end({ key: "a1", slot, generation: counts.generation }, { note: 0, atMs: 0 }, 1);
    counts.dropTask("a");
    expect(["a1", "a2", "b1"].map((key) => counts.find(key) >= 0)).toEqual([false, true, true]);
  });

  it("knows none that made room for others", () => {
    const calls = createLimitCounter({ kind: "calls", most: 1, ttlMs: 1e9 });
    const counts = new KeyTable(calls, 10, FIRST);
    for (let key = 0; key < 100; key++) counts.take(counts.open(`c${key}`, key), key);
    expect(counts.size).toBe(10);
    counts.dropTask("c");
    expect(counts.size).toBe(0);
  });
});

const tasks = fc.integer({ min: 0, max: 20 });

it("finds the keys of each task, whatever came and went", () => {
  const changes = fc.array(fc.record({ slot: fc.nat(99), task: tasks }), { maxLength: 300 });
  const holds = fc.property(changes, (given) => {
    const keys: (string | undefined)[] = [];
    const byTask = new KeysByTask(keys, (key) => key);
    for (const { slot, task } of given) {
      const at = Math.min(slot, keys.length); // slots are made one after another
      if (keys[at] === undefined) {
        keys[at] = `t${task}`;
        byTask.add(at);
      } else {
        byTask.delete(at);
        keys[at] = undefined;
      }
    }
    for (let task = 0; task <= 21; task++) {
      const expected = keys.flatMap((key, slot) => (key === `t${task}` ? [slot] : []));
      expect(byTask.of(`t${task}`).sort((a, b) => a - b)).toEqual(expected);
    }
  });
  fc.assert(holds);
});
