import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, model, settled, setUp, used } from "../guard/test-fixture.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { type Held, type HeldAttempt, HeldQueue } from "./held-queue.ts";

const CLOSED = { code: "BR8001", message: "closed", scope: "guard" } as const;

/** Those who wait, by name, and the names of those who looked again. */
function queueOf(waiting: Readonly<Record<string, string | undefined>>) {
  const queue = new HeldQueue(createFakeClock());
  const looked: string[] = [];
  const free = new Set<string>();
  for (const [name, key] of Object.entries(waiting)) {
    const held = { held: true, key, requested: 1 } as const;
    const attempt: HeldAttempt = () => {
      looked.push(name);
      return free.has(name) ? "admitted" : { ...held, requested: 0 };
    };
    void queue.wait(attempt, held, undefined, () => CLOSED);
  }
  return { queue, looked, free };
}

describe("when something of an account comes back", () => {
  const waiting = { first: "a", other: "b", turn: undefined, second: "a" };

  it("those look again who wait for that, or for no account, in the order in which they came", async () => {
    const { queue, looked, free } = queueOf(waiting);
    for (const name of Object.keys(waiting)) free.add(name);
    queue.freed([{ id: "a" }, { id: "c" }]);
    expect(looked).toEqual(["first", "turn", "second"]);
    await settled();
    queue.freed([{ id: "a" }]);
    expect(looked).toHaveLength(3);
    queue.changed();
    expect(looked).toEqual(["first", "turn", "second", "other"]);
  });

  it("nobody looks again who waits for another", () => {
    const { queue, looked } = queueOf({ first: "a", second: "a" });
    queue.freed([{ id: "b" }]);
    queue.freed([]);
    expect(looked).toEqual([]);
  });

  it("while others look, it is seen afterwards", async () => {
    const queue = new HeldQueue(createFakeClock());
    const answer = Promise.withResolvers<"admitted">();
    const looked: string[] = [];
    const wait = (key: string, attempt: HeldAttempt) =>
      queue.wait(attempt, { held: true, key, requested: 1 }, undefined, () => CLOSED);
    const slow = wait("a", () => answer.promise);
    const quick = wait("b", () => {
      looked.push("b");
      return "admitted";
    });
    queue.freed([{ id: "a" }]);
    queue.freed([{ id: "b" }]);
    expect(looked).toEqual([]);
    answer.resolve("admitted");
    await Promise.all([slow, quick]);
    expect(looked).toEqual(["b"]);
  });

  it("who has another account in the way by now waits for that one", async () => {
    const queue = new HeldQueue(createFakeClock());
    const keys = ["b", "c"];
    let looks = 0;
    const attempt: HeldAttempt = () => {
      looks++;
      const key = keys.shift();
      return key === undefined ? "admitted" : { held: true, key, requested: 1 };
    };
    void queue.wait(attempt, { held: true, key: "a", requested: 1 }, undefined, () => CLOSED);
    for (const id of ["a", "a", "b", "a", "b"]) {
      queue.freed([{ id }]);
      await settled();
    }
    expect(looks).toBe(2);
    queue.freed([{ id: "c" }]);
    expect(looks).toBe(3);
  });

  it("it is not missed by whom another account kept while it looked", async () => {
    const queue = new HeldQueue(createFakeClock());
    const blocked = Promise.withResolvers<Held>();
    const attempts: HeldAttempt[] = [() => blocked.promise, () => "admitted"];
    const attempt: HeldAttempt = () => attempts.shift()?.() ?? "admitted";
    const waiting = queue.wait(attempt, { held: true, key: "a" }, undefined, () => CLOSED);
    queue.freed([{ id: "a" }]);
    queue.freed([{ id: "b" }]);
    blocked.resolve({ held: true, key: "b", requested: 1 });
    expect(await waiting).toBeUndefined();
  });
});

it("nobody who fits is left waiting, whatever is in whose way and in which order it comes back", async () => {
  const call = fc.record({
    user: fc.nat(3),
    tokens: fc.integer({ min: 1, max: 60 }),
    end: fc.nat(),
  });
  const calls = fc.array(call, { minLength: 20, maxLength: 60 });
  const holds = fc.asyncProperty(calls, async (given) => {
    const budgets = [
      "100 tokens/day",
      { id: "u", limit: { tokens: 70 }, window: "day", per: "user" },
    ];
    const { guard } = setUp({ budgets: budgets as never, onHeld: "wait" });
    const open = new Map<number, () => Promise<unknown>>();
    let left = given.length;
    for (const [index, { user, tokens }] of given.entries()) {
      const begin = () => guard.begin(model(0, tokens));
      void guard.with({ user: `u${user}` }, begin).then((permit) => {
        permit.dispatched();
        open.set(index, () => permit.fail(Object.assign(new Error("never sent"), { status: 400 })));
      });
    }
    while (left > 0) {
      await settled();
      const [[index, end] = []] = [...open].sort(
        ([a], [b]) => (given[a]?.end ?? 0) - (given[b]?.end ?? 0),
      );
      if (index === undefined || end === undefined) expect.fail(`${left} of ${given.length} wait`);
      open.delete(index);
      await end();
      left--;
    }
    await guard.close();
  });
  await fc.assert(holds, { numRuns: 40 });
});

it("a call that waits for its user's money does not wait for another user's", async () => {
  const budget = { id: "u", limit: { tokens: 100 }, window: "day", per: "user" } as const;
  const { guard } = setUp({ budgets: [budget], onHeld: "wait" });
  const begin = (user: string, tokens: number) =>
    guard.with({ user }, () => guard.begin(model(0, tokens)));
  const [own, others] = await Promise.all([begin("a", 90), begin("b", 90)]);
  const waiting = begin("a", 50);
  await others.settle(used(0, 1));
  await own.release();
  expect(await codeOf(waiting)).toBeUndefined();
  await guard.close();
});
