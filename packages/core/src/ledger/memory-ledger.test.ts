import { describe, expect, it, test } from "vitest";
import { createMemoryStore } from "../guard/memory-store.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { LedgerCase } from "../testing/store-contract/ledger-case.ts";
import { storeContract } from "../testing/store-contract/store-contract.ts";
import type { AccountRef } from "./ledger.ts";
import { createMemoryLedger, type MemoryLedgerCaps } from "./memory-ledger.ts";

storeContract({ test, createStore: () => createMemoryStore() });

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

function setUp(caps: Partial<MemoryLedgerCaps>): LedgerCase {
  return new LedgerCase(createMemoryLedger({ caps }), START_MS);
}

/** One account of a daily budget. */
function dayOf(trial: LedgerCase, day: number, given: Partial<AccountRef> = {}): AccountRef {
  const startsAtMs = START_MS + day * DAY_MS;
  const window = { kind: "fixed", startsAtMs, endsAtMs: startsAtMs + DAY_MS } as const;
  return trial.account(100, { key: "daily", windowKey: `day-${day}`, window, ...given });
}

async function spend(trial: LedgerCase, account: AccountRef, amount: number, atMs = START_MS) {
  await trial.settle(await trial.hold(account, amount, atMs), "settled", amount);
}

describe("the memory ledger", () => {
  it("answers at once, so that the call path needs no extra turn", () => {
    const { ledger } = createMemoryStore();
    for (const reply of [ledger.ready(), ledger.reserve([]), ledger.settle([]), ledger.close()]) {
      expect(isPromise(reply)).toBe(false);
    }
  });

  it("leases nothing of a window that is over", async () => {
    const trial = setUp({});
    const result = await trial.lease(dayOf(trial, 0), { amount: 10, atMs: START_MS + DAY_MS });
    expect(result).toEqual({ kind: "refused", remaining: 0 });
  });
});

describe("accounts of tasks", () => {
  it("make room for new ones when they are idle, the longest unused first", async () => {
    const trial = setUp({ ephemeral: 2 });
    const [one, two, three] = [1, 2, 3].map(() => trial.account(100, { ephemeral: true }));
    if (one === undefined || two === undefined || three === undefined) throw new Error("three");
    await spend(trial, one, 60);
    await spend(trial, two, 60);
    await spend(trial, three, 60);
    await trial.expect(one, {});
    await trial.expect(two, { settled: 60 });
    await trial.expect(three, { settled: 60 });
    expect(trial.ledger.forgotten?.()).toBe(1);
  });

  it("refuse a new one rather than forget what is held, leased or unknown", async () => {
    const trial = setUp({ ephemeral: 3 });
    const task = () => trial.account(100, { ephemeral: true });
    const [held, leased, unknown] = [task(), task(), task()];
    const id = await trial.hold(held, 10);
    await trial.takeLease(leased, 10);
    await trial.settle(await trial.hold(unknown, 10), "unknown");
    const late = task();
    expect(await trial.reserve(trial.reservation([late], [1]))).toEqual({
      kind: "full",
      key: late.key,
      cap: 3,
    });
    await trial.settle(id, "settled", 5);
    expect(await trial.fits(late, 1)).toBe(true);
    await trial.expect(leased, { leased: 10 });
    await trial.expect(unknown, { unknown: 10 });
  });

  it("never push each other out within one call, however deep tasks are nested", async () => {
    const trial = setUp({ ephemeral: 2 });
    const tasks = [1, 2, 3].map(() => trial.account(100, { ephemeral: true }));
    const result = await trial.reserve(trial.reservation(tasks, [1, 1, 1]));
    expect(result.kind).toBe("full");
    const two = trial.reservation(tasks.slice(0, 2), [60, 60]);
    expect((await trial.reserve(two)).kind).toBe("reserved");
    for (const task of tasks.slice(0, 2)) {
      expect(await trial.fits(task, 41)).toBe(false);
      expect(await trial.fits(trial.again(task), 41)).toBe(false);
    }
  });
});

it("does not forget an account on which nothing is held but a call is open", async () => {
  const trial = setUp({ ephemeral: 1, lasting: 1 });
  for (const ephemeral of [true, false]) {
    const account = trial.account(100, { ephemeral });
    const id = await trial.hold(account, 0);
    const other = trial.account(100, { ephemeral });
    expect((await trial.reserve(trial.reservation([other], [1]))).kind).toBe("full");
    await trial.settle(id, "settled", 7);
    await trial.expect(account, { settled: 7 });
  }
});

describe("accounts of windows", () => {
  it("are dropped when their window is over, also those with calls of unknown end", async () => {
    const trial = setUp({ lasting: 2 });
    await spend(trial, dayOf(trial, 0), 60);
    await trial.settle(await trial.hold(dayOf(trial, 1), 60), "unknown");
    await spend(trial, dayOf(trial, 2), 60, START_MS + 2 * DAY_MS);
    await spend(trial, dayOf(trial, 3), 60, START_MS + 3 * DAY_MS);
    await trial.expect(dayOf(trial, 0), {});
    await trial.expect(dayOf(trial, 3), { settled: 60 });
  });

  it("are not forgotten while their window lasts: new ones are refused", async () => {
    const trial = setUp({ lasting: 2 });
    const [one, two] = [dayOf(trial, 0, { key: "one" }), dayOf(trial, 0, { key: "two" })];
    await spend(trial, one, 60);
    await spend(trial, two, 60);
    const atMs = START_MS + DAY_MS - 1;
    const request = trial.reservation([dayOf(trial, 0, { key: "three" })], [1], { atMs });
    expect(await trial.reserve(request)).toEqual({ kind: "full", key: "three", cap: 2 });
    await trial.expect(one, { settled: 60 });
    await trial.expect(two, { settled: 60 });
  });

  it("stay while something is held or leased, also beyond their window", async () => {
    const trial = setUp({ lasting: 2 });
    const id = await trial.hold(dayOf(trial, 0), 60);
    const lease = await trial.takeLease(dayOf(trial, 1), 60);
    const later = { atMs: START_MS + 5 * DAY_MS };
    const request = trial.reservation([dayOf(trial, 5)], [1], later);
    expect((await trial.reserve(request)).kind).toBe("full");
    await trial.settle(id, "settled", 50);
    await trial.giveBack(lease, { settled: 40 });
    await trial.expect(dayOf(trial, 0), { settled: 50 });
    await trial.expect(dayOf(trial, 1), { settled: 40 });
  });

  it("are not opened anew once forgotten: their money would be handed out twice", async () => {
    const trial = setUp({ lasting: 1 });
    const yesterday = dayOf(trial, 0);
    await spend(trial, yesterday, 100);
    await spend(trial, dayOf(trial, 1), 1, START_MS + DAY_MS);
    await trial.settle(await trial.hold(dayOf(trial, 2), 0, START_MS + 2 * DAY_MS), "released");
    for (const ref of [yesterday, trial.again(yesterday)]) {
      const late = trial.reservation([ref], [100], { atMs: START_MS + 3 * DAY_MS });
      expect((await trial.reserve(late)).kind).toBe("full");
    }
  });

  it("are one account for whoever still points at one that was dropped", async () => {
    const trial = setUp({ lasting: 1 });
    const [empty, other] = [trial.account(100), trial.account(100)];
    expect(await trial.fits(empty, 100)).toBe(true);
    expect(await trial.fits(other, 100)).toBe(true); // pushes out the first, which was never charged
    await trial.hold(trial.again(empty), 60, START_MS + 5_000); // and is pushed out in turn
    expect(await trial.fits(empty, 41, START_MS + 5_000)).toBe(false);
    await trial.expect(empty, { held: 60 });
  });

  it("have room again when the clock has stepped back", async () => {
    const trial = setUp({ lasting: 1 });
    const aheadMs = START_MS + 100 * DAY_MS;
    const used = await trial.hold(trial.account(100), 1, aheadMs);
    expect((await trial.reserve(trial.reservation([trial.account(1)], [1]))).kind).toBe("full");
    await trial.settle(used, "released");
    expect(await trial.fits(trial.account(1), 1, START_MS + 5_000)).toBe(true);
  });
});

describe("orgs", () => {
  it("make room when they have only idle tasks, the longest unused first", async () => {
    const trial = setUp({ orgs: 3 });
    const task = (org: string) => trial.account(100, { org, ephemeral: true });
    const [lasting, idle, recent] = [trial.account(100, { org: "a" }), task("b"), task("c")];
    for (const account of [lasting, idle, recent]) await spend(trial, account, 60);
    await spend(trial, task("d"), 60);
    await trial.expect(idle, {});
    await trial.expect(lasting, { settled: 60 });
    await trial.expect(recent, { settled: 60 });
    await trial.hold(idle, 60, START_MS + 5_000);
    expect(await trial.fits(trial.again(idle), 41, START_MS + 5_000)).toBe(false);
  });

  it("are refused when all others have something to remember", async () => {
    const trial = setUp({ orgs: 2 });
    await spend(trial, trial.account(100, { org: "a" }), 60);
    const id = await trial.hold(trial.account(100, { org: "b", ephemeral: true }), 60);
    const late = trial.account(100, { org: "c" });
    const refused = await trial.reserve(trial.reservation([late], [1]));
    expect(refused).toEqual({ kind: "full", key: late.key, cap: 2 });
    await trial.settle(id, "settled", 5);
    expect(await trial.fits(late, 1, START_MS + 5_000)).toBe(true);
  });

  it("do not share their caps", async () => {
    const trial = setUp({ ephemeral: 1, lasting: 1 });
    for (const org of ["a", "b", "c"]) {
      await trial.hold(trial.account(100, { org }), 60);
      await trial.hold(trial.account(100, { org, ephemeral: true }), 60);
    }
  });
});

describe("calls of unknown end", () => {
  it("keep their charge for good once too many wait for their truth", async () => {
    const trial = setUp({ unknown: 2, ephemeral: 1 });
    const account = trial.account(1_000);
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) {
      const id = await trial.hold(account, 100);
      await trial.settle(id, "unknown");
      ids.push(id);
    }
    await trial.expect(account, { settled: 100, unknown: 200 });
    const applied: boolean[] = [];
    for (const id of ids) applied.push((await trial.settle(id, "settled", 30)).applied);
    expect(applied).toEqual([false, true, true]);
    await trial.expect(account, { settled: 160 });
  });

  it("do not keep new tasks out for ever", async () => {
    const trial = setUp({ unknown: 2, ephemeral: 4 });
    for (let index = 0; index < 50; index++) {
      const task = trial.account(100, { ephemeral: true });
      await trial.settle(await trial.hold(task, 10), "unknown");
      await trial.expect(task, { unknown: 10 });
    }
  });
});
