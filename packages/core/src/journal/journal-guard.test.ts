import { describe, expect, it } from "vitest";
import { account, codeOf, model, setUp, spend, tool } from "../guard/test-fixture.ts";
import { createGuard, createMemoryStore, type GuardEvents, type GuardOptions } from "../index.ts";
import { join, pass, turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

const BUDGET = { id: "b", limit: { usd: 100 }, window: "day" } as const;

/** Processes on one database with one journal, which they leave by crashing. */
function world(given: GuardOptions = { budgets: [BUDGET] }) {
  const database = new SlowDatabase();
  const journal = new MemoryJournal();
  const replayed: GuardEvents["journal-replayed"][] = [];
  const start = (more: GuardOptions = {}) => {
    const made = join(database, { ...given, ...more, journal });
    made.guard.on("journal-replayed", (event) => replayed.push(event));
    return made;
  };
  return { database, journal, replayed, start };
}

describe("the next process after a crash", () => {
  it("knows what ended, and charges what was in flight, at once", async () => {
    const { journal, replayed, start } = world();
    const { guard } = start();
    for (let call = 0; call < 5; call++) await spend(guard, tool("t", 0.1));
    const sent = await guard.begin(tool("t", 0.2));
    sent.dispatched();
    await guard.begin(tool("t", 0.4)); // never sent
    await turns();
    journal.crash();
    const next = start();
    expect(await account(next.guard)).toMatchObject({
      ...{ settled: 0.5e9, unknown: 0.2e9, held: 0, leased: 0 },
    });
    const told = { journal: "part 1", leases: expect.any(Number), calls: 0, charges: 0 };
    expect(replayed).toEqual([told]);
    expect(journal.parts.size).toBe(0);
  });

  it("does so near the limit, where the store holds each call", async () => {
    const { journal, replayed, start } = world({ budgets: [{ ...BUDGET, limit: { usd: 1 } }] });
    const { guard } = start();
    const permits = [];
    for (let call = 0; call < 3; call++) permits.push(await guard.begin(tool("t", 0.2)));
    permits[0]?.dispatched();
    await permits[0]?.settle();
    permits[1]?.dispatched();
    await turns(1); // the end of the first is noted, and on its way
    journal.crash();
    const next = start();
    expect(await account(next.guard)).toMatchObject({
      ...{ settled: 0.2e9, unknown: 0.2e9, held: 0, leased: 0 },
    });
    expect(replayed).toMatchObject([{ calls: 2 }]);
  });

  it("charges a call with a key whose end was on its way, once", async () => {
    const { database, journal, start } = world();
    const store = database.connect();
    const settle = (): Promise<never> => new Promise(() => {}); // lost on its way
    const silent = { ...store, ledger: { ...store.ledger, settle } };
    const { guard } = setUp({ budgets: [BUDGET], store: silent, journal });
    const request = { ...tool("t", 0.2), idempotencyKey: "k" };
    const permit = await guard.begin(request);
    permit.dispatched();
    void permit.settle();
    await turns();
    journal.crash();
    const { guard: next } = start();
    const charged = { settled: 0.2e9, unknown: 0, held: 0 };
    expect(await account(next)).toMatchObject(charged);
    const again = await next.begin(request);
    again.dispatched();
    await again.settle();
    await turns();
    expect(await account(next)).toMatchObject(charged);
  });

  it("tells it once, however many begin together", async () => {
    const { journal, replayed, start } = world();
    const { guard } = start();
    for (let call = 0; call < 5; call++) await spend(guard, tool("t", 0.1));
    await turns();
    journal.crash();
    const next = [start(), start(), start()];
    await Promise.all(next.map(({ guard: one }) => one.budgets()));
    expect(await account(start().guard)).toMatchObject({ settled: 0.5e9, unknown: 0, leased: 0 });
    expect(replayed).toHaveLength(1);
  });

  it("pulls the kill of a budget that is seen to be used up only then", async () => {
    const at = [{ fraction: 0.9, do: "kill" }] as const;
    const { database, journal, start } = world({
      budgets: [{ ...BUDGET, limit: { usd: 1 }, at }],
    });
    const first = start();
    for (let call = 0; call < 9; call++) {
      const permit = await first.guard.begin(tool("t", 0.1));
      permit.dispatched();
      void permit.settle();
    }
    await Promise.resolve(); // noted; the store has not been told
    first.line.cut = true;
    journal.crash();
    const next = start();
    await next.guard.budgets();
    await pass(database, [next], 1_000);
    expect(await codeOf(spend(next.guard, tool("t", 0.01)))).toBe("BR1001");
  });

  it("charges what was let through while the store was out", async () => {
    const { journal, start } = world({ budgets: [{ ...BUDGET, onStoreOutage: { allow: 5 } }] });
    const { guard, line, clock } = start();
    await guard.budgets();
    line.cut = true;
    clock.advance(3_000);
    await turns();
    const ended = await guard.begin(tool("t", 0.1));
    ended.dispatched();
    await ended.settle();
    (await guard.begin(tool("t", 0.2))).dispatched();
    await guard.begin({ ...tool("t", 0.4), idempotencyKey: "k" });
    await turns();
    journal.crash();
    const next = start();
    expect(await account(next.guard)).toMatchObject({ settled: 0.7e9, unknown: 0, held: 0 });
  });
});

it("a stream is cut where its next step could not be noted safely", async () => {
  const { journal, start } = world();
  const { guard } = start({ reservation: "incremental" });
  const permit = await guard.begin(model(0, 10_000, { streams: true }));
  permit.dispatched();
  journal.failing = ["append", "replace", "discard"];
  permit.progress({ outputTokens: 1_024 });
  await turns();
  expect(permit.signal.reason).toMatchObject({ code: "BR2001" });
  journal.failing = [];
  await permit.fail(permit.signal.reason);
  await turns();
  expect(await account(guard)).toMatchObject({ settled: 1_024 * 2_000, held: 0 });
});

describe("a guard that closes", () => {
  it("leaves nothing when the store knows everything", async () => {
    const { journal, start } = world();
    const { guard } = start();
    for (let call = 0; call < 5; call++) await spend(guard, tool("t", 0.1));
    await guard.close();
    expect(journal.parts.size).toBe(0);
  });

  it("loses nothing when the store is down", async () => {
    const { database, journal, start } = world({
      budgets: [{ ...BUDGET, onStoreOutage: { allow: 5 } }],
    });
    const first = start();
    const warnings: string[] = [];
    first.guard.on("warning", ({ topic }) => warnings.push(topic));
    await spend(first.guard, tool("t", 0.1));
    first.line.cut = true;
    first.clock.advance(3_000);
    await turns();
    await spend(first.guard, tool("t", 0.2));
    const closing = first.guard.close();
    await pass(database, [first], 20_000);
    await closing;
    expect(warnings).not.toContain("spending-lost");
    journal.crash();
    expect(await account(start().guard)).toMatchObject({ settled: 0.3e9, unknown: 0, leased: 0 });
  });
});

describe("those who live", () => {
  it("take the place of one that says nothing for three looks, not of one that does", async () => {
    const { database, journal, start } = world();
    const dead = start();
    await spend(dead.guard, tool("t", 0.1));
    await turns();
    const living = start();
    await spend(living.guard, tool("t", 0.2));
    const held = await living.guard.begin(tool("t", 0.4));
    held.dispatched();
    await pass(database, [living], 9_000);
    expect([...journal.parts.keys()]).toEqual(["part 1", "part 2"]);
    const watcher = start();
    await watcher.guard.budgets();
    await pass(database, [living, watcher], 30_000);
    expect([...journal.parts.keys()]).toEqual(["part 2"]);
    await held.settle();
    await pass(database, [living, watcher], 2_000);
    expect(await account(living.guard)).toMatchObject({ settled: 0.7e9, unknown: 0, leased: 0 });
  });
});

describe("options", () => {
  it("a journal that is none, or a store that keeps no name, is refused", () => {
    const wrong = (message: RegExp) =>
      expect.objectContaining({ code: "BR9001", message: expect.stringMatching(message) });
    expect(() => createGuard({ journal: {} as never })).toThrow(wrong(/journal/));
    expect(() => createGuard({ journal: ".burnrate/journal" as never })).toThrow(wrong(/journal/));
    const { state: _, ...store } = createMemoryStore();
    const journal = new MemoryJournal();
    expect(() => createGuard({ journal, store })).toThrow(wrong(/store\.state/));
  });

  it("in memory there is nothing to keep", async () => {
    const journal = new MemoryJournal();
    const guard = createGuard({ journal });
    await spend(guard, tool("t"));
    await guard.close();
    expect(journal.parts.size).toBe(0);
  });
});
