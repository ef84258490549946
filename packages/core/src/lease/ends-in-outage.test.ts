import { describe, expect, it } from "vitest";
import { account, codeOf, setUp, spend, tool } from "../guard/test-fixture.ts";
import type { Ledger, Permit } from "../index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { accountOf } from "../testing/process-contract/direct-account.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { createLeasedLedger } from "./leased-ledger.ts";
import { join, pass, turns } from "./test-processes.ts";

const BUDGETS = ["$0.01/day"];
const ACCOUNT = accountOf("a", 10);
const SPENT = { settled: 6_000_000, held: 0, leased: 0, unknown: 0 };

describe("what ends while the store is down is told once it is back, without another call:", () => {
  it.each([
    ["a call near the limit", {}, 0],
    ["a call that other attempts share", { idempotencyKey: "order-7" }, 0],
    ["a call that was given back before it was sent", {}, 61_000],
  ])("%s", async (_, more, lateMs) => {
    const database = new SlowDatabase();
    const one = join(database, { budgets: BUDGETS });
    const other = join(database, { budgets: BUDGETS });
    const both = [one, other];
    await spend(one.guard, tool("first", 0.001)); // now little is left: the store itself is asked
    const permit = await one.guard.begin({ ...tool("pay", 0.005), ...more });
    if (lateMs === 0) permit.dispatched();
    await pass(database, both, lateMs);
    one.line.cut = true;
    await permit.settle();
    await pass(database, both, 2_000);
    expect((await account(other.guard)).settled).toBeLessThan(6_000_000);
    one.line.cut = false;
    await pass(database, both, 3_000);
    expect(await account(other.guard)).toMatchObject(SPENT);
    expect(one.guard.metrics().dropped.settlements).toBe(0);
  });

  it.each([
    ["that was given back", false],
    ["of which nobody knew whether it was made", true],
  ])("a reservation %s, though the store took it for sent meanwhile", async (_, isUnheard) => {
    const database = new SlowDatabase();
    const store = database.connect();
    const line = { isLossy: false, cut: false };
    const lossy = <A, R>(method: (given: A) => R) => {
      return async (given: A): Promise<Awaited<R>> => {
        if (line.cut) throw new Error("no route to host");
        const reply = await method(given);
        if (line.isLossy) throw new Error("connection reset");
        return reply;
      };
    };
    const { reserve, settle, dispatch, balances } = store.ledger;
    const bad = { reserve: lossy(reserve), settle: lossy(settle), dispatch: lossy(dispatch) };
    const ledger = { ...store.ledger, ...bad, balances: lossy(balances) } as Ledger;
    const one = setUp({ budgets: BUDGETS, store: { ...store, ledger } });
    await spend(one.guard, tool("first", 0.001)); // now little is left: the store itself is asked
    line.isLossy = isUnheard;
    let permit: Permit | undefined;
    const begun = one.guard.begin(tool("pay", 0.005)).then((given) => {
      permit = given;
    });
    expect(await codeOf(begun)).toBe(isUnheard ? "BR8001" : undefined);
    line.cut = true;
    await permit?.release();
    await pass(database, [one], 20_000);
    Object.assign(line, { isLossy: false, cut: false });
    await pass(database, [one], 3_000);
    const balance = { settled: 1_000_000, held: 0, leased: 0, unknown: 0 };
    expect(await account(one.guard)).toMatchObject(balance);
  });

  it("a reservation that was answered too late, when all else was quiet", async () => {
    const database = new SlowDatabase();
    const store = database.connect();
    let isLate = false;
    const reserve: Ledger["reserve"] = async (batch) => {
      const reply = await store.ledger.reserve(batch);
      return isLate ? new Promise(() => {}) : reply;
    };
    const one = setUp({
      budgets: BUDGETS,
      store: { ...store, ledger: { ...store.ledger, reserve } },
    });
    await spend(one.guard, tool("first", 0.001)); // now little is left: the store itself is asked
    isLate = true;
    const refused = codeOf(one.guard.begin(tool("pay", 0.005)));
    await pass(database, [one], 30_000);
    expect(await refused).toBe("BR8001");
    const other = join(database, { budgets: BUDGETS });
    const balance = { settled: 1_000_000, held: 0, leased: 0, unknown: 0 };
    expect(await account(other.guard)).toMatchObject(balance);
  });

  it("an end of which the store said nothing, when all else was quiet", async () => {
    const clock = createFakeClock();
    const store = new SlowDatabase().connect().ledger;
    let isSilent = true;
    const settle: Ledger["settle"] = (batch) =>
      isSilent ? new Promise(() => {}) : store.settle(batch);
    const ignore = (): void => {};
    const listeners = { onKillEpoch: ignore, onSpent: ignore, onChange: ignore };
    const ledger = createLeasedLedger({ ledger: { ...store, settle }, clock, ...listeners });
    const passQuarters = async (count: number): Promise<void> => {
      for (let quarter = 0; quarter < count; quarter++) {
        clock.advance(250);
        await turns();
      }
    };
    await ledger.ready();
    const call = { accounts: [ACCOUNT], amounts: [4], expiresInMs: 60_000, atMs: 0 };
    await ledger.reserve([{ id: "leased", ...call }]);
    await ledger.reserve([{ id: "exact", ...call }]);
    void ledger.settle([{ id: "leased", as: "settled", amounts: [4] }]);
    await passQuarters(40);
    void ledger.settle([{ id: "exact", as: "settled", amounts: [4] }]);
    await passQuarters(40);
    isSilent = false;
    await passQuarters(8);
    const { results } = await store.balances([ACCOUNT]);
    expect(results).toMatchObject([{ settled: 8, held: 0, unknown: 0 }]);
  });
});

describe("a call with an idempotency key that was let through while the store was down", () => {
  const budget = { id: "b", limit: { usd: 1 }, window: "day" } as const;
  const request = { ...tool("pay", 0.02), idempotencyKey: "order-7" };

  it.each([
    ["from a lease", "use-lease", true],
    ["from a lease, and ends later", "use-lease", false],
    ["without a lease", { allow: 5 }, true],
    ["without a lease, and ends later", { allow: 5 }, false],
  ] as const)("is charged once, and holds nothing afterwards (%s)", async (_, rule, endsInTime) => {
    const database = new SlowDatabase();
    const one = join(database, { budgets: [{ ...budget, onStoreOutage: rule }] });
    await spend(one.guard, tool("first", 0.01));
    one.line.cut = true;
    await pass(database, [one], rule === "use-lease" ? 1_000 : 12_000);
    const permit = await one.guard.begin(request);
    const again = await one.guard.begin(request);
    for (const attempt of [permit, again]) attempt.dispatched();
    if (endsInTime) await permit.settle();
    one.line.cut = false;
    await pass(database, [one], 3_000);
    if (!endsInTime) await permit.settle();
    await again.settle();
    await pass(database, [one], 3_000);
    await one.guard.close();
    database.passTime(20_000);
    const { guard } = join(database, { budgets: [budget] });
    expect(await account(guard)).toMatchObject({ ...SPENT, settled: 30_000_000 });
  });
});
