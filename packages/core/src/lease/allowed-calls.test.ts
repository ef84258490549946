import { describe, expect, it } from "vitest";
import { account, tool } from "../guard/test-fixture.ts";
import type { Ledger } from "../index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { accountOf } from "../testing/process-contract/direct-account.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { createLeasedLedger } from "./leased-ledger.ts";
import { join, pass, spendAll } from "./test-processes.ts";

const BUDGET = {
  id: "b",
  limit: { usd: 1 },
  window: { calendar: "day" },
  onStoreOutage: { allow: 3 },
} as const;

describe("onStoreOutage: { allow: n }", () => {
  it("is n calls of an outage, also of one in which the store answers and takes nothing", async () => {
    const database = new SlowDatabase();
    const one = join(database, { budgets: [BUDGET] });
    const { guard, line } = one;
    await guard.budgets();
    line.isReadOnly = true;
    let admitted = 0;
    for (let second = 0; second < 20; second++) {
      admitted += await spendAll(guard, 5);
      await pass(database, [one], 1_000);
    }
    expect(admitted).toBe(3);
    line.isReadOnly = false;
    await pass(database, [one], 2_000);
    expect(await account(guard)).toMatchObject({ settled: 30_000_000, held: 0, unknown: 0 });
    line.cut = true;
    expect(await spendAll(guard, 10)).toBe(3); // the next outage
  });

  it("is not begun anew by calls in flight, of which the store has heard nothing", async () => {
    const database = new SlowDatabase();
    const one = join(database, { budgets: [BUDGET] });
    await one.guard.budgets();
    one.line.isReadOnly = true;
    let admitted = 0;
    for (let second = 0; second < 20; second++) {
      await one.guard.begin(tool("t", 0.01)).then(
        () => admitted++,
        () => {},
      );
      await pass(database, [one], 1_000);
    }
    expect(admitted).toBe(3);
  });

  it("lets nothing through on accounts beyond those that can be counted", async () => {
    const fail = (): never => {
      throw new Error("no route to host");
    };
    const { ledger } = new SlowDatabase().connect();
    const down: Ledger = { ...ledger, lease: fail, reserve: fail, balances: fail };
    const ignore = (): void => {};
    const leased = createLeasedLedger({
      ...{ ledger: down, clock: createFakeClock() },
      ...{ onKillEpoch: ignore, onSpent: ignore, onChange: ignore },
    });
    const call = { amounts: [1], expiresInMs: 60_000, atMs: 0 };
    let admitted = 0;
    for (let index = 0; index < 20_100; index++) {
      const own = { ...accountOf(`a${index % 20_050}`, 10), onStoreOutage: { allow: 1 } };
      try {
        await leased.reserve([{ id: `call-${index}`, accounts: [own], ...call }]);
        admitted++;
      } catch {
        // refused
      }
    }
    expect(admitted).toBe(20_000);
  });
});
