import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetOptions } from "../budget/budget.ts";
import type { Permit } from "../call/permit.ts";
import { codeOf, model, settled, setUp, used } from "../guard/test-fixture.ts";
import { createMemoryStore } from "../index.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Store } from "../ports/store.ts";
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

/** Decides in order, and answers in any. */
function unevenStore(): Store {
  const { ledger, killLog } = createMemoryStore();
  let asked = 0;
  const later = async <T>(answer: T): Promise<T> => {
    for (let turns = (asked++ * 7) % 5; turns > 0; turns--) await nextTurn();
    return answer;
  };
  const uneven: Ledger = {
    ...ledger,
    reserve: async (batch) => later(ledger.reserve(batch)),
    settle: async (batch) => later(ledger.settle(batch)),
  };
  return { ledger: uneven, killLog };
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function quiet(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
}

describe.each([
  ["in memory", () => ({}), 1],
  ["in a store that answers unevenly", () => ({ store: unevenStore() }), 200],
])("budgets %s", (_, options, turns) => {
  const call = fc.record({
    user: fc.nat(3),
    tokens: fc.integer({ min: 1, max: 60 }),
    end: fc.nat(),
  });
  const budgets: (string | BudgetOptions)[] = [
    "100 tokens/day",
    { id: "u", limit: { tokens: 70 }, window: "day", per: "user" },
  ];
  const neverSent = Object.assign(new Error("never sent"), { status: 400 });

  it("leave nobody waiting who fits, whatever is in whose way and comes back when", async () => {
    const calls = fc.array(call, { minLength: 10, maxLength: 40 });
    const holds = fc.asyncProperty(calls, async (given) => {
      const { guard } = setUp({ budgets, onHeld: "wait", ...options() });
      const open = new Set<{ readonly end: number; readonly permit: Permit }>();
      for (const { user, tokens, end } of given) {
        const begin = () => guard.begin(model(0, tokens));
        void guard.with({ user: `u${user}` }, begin).then((permit) => open.add({ end, permit }));
      }
      for (let left = given.length; left > 0; left--) {
        await quiet(turns);
        const [next] = [...open].sort((a, b) => a.end - b.end);
        if (next === undefined) expect.fail(`${left} of ${given.length} wait`);
        open.delete(next);
        next.permit.dispatched();
        await next.permit.fail(neverSent);
      }
      await guard.close();
    });
    await fc.assert(holds, { numRuns: 20 });
  });
});

it("a call looks once more when the store's answer is older than what came back since", async () => {
  const { ledger, killLog } = createMemoryStore();
  const answered = Promise.withResolvers<void>();
  const waits = [undefined, answered.promise];
  const late: Ledger = {
    ...ledger,
    reserve: async (batch) => {
      const answer = ledger.reserve(batch);
      await waits.shift();
      return answer;
    },
  };
  const store: Store = { ledger: late, killLog };
  const { guard } = setUp({ budgets: ["100 tokens/day"], onHeld: "wait", store });
  const first = await guard.begin(model(0, 90));
  const second = guard.begin(model(0, 90));
  await first.release();
  answered.resolve();
  expect(await codeOf(second)).toBeUndefined();
  await guard.close();
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
