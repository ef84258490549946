import { describe, expect, it } from "vitest";
import { account, codeOf, setUp, spend, tool } from "../guard/test-fixture.ts";
import { type AccountRef, createIds, type Ledger } from "../index.ts";
import { LeaseJournal } from "../journal/lease-journal.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { createLeasedLedger } from "./leased-ledger.ts";
import { PendingWrites } from "./pending-writes.ts";
import { join, pass, turns, watched } from "./test-processes.ts";

const ALLOWED = {
  id: "b",
  limit: { usd: 1 },
  window: "day",
  onStoreOutage: { allow: 10 },
} as const;

const DAY: AccountRef = {
  key: "b|day",
  windowKey: "total",
  window: { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY },
  unit: "usd",
  limit: 1e9,
  limitVersion: 0,
  org: "o",
  ephemeral: false,
  onStoreOutage: { allow: 10 },
};

/** A leasing ledger on a database, and its line to it. */
function openLedger(database: SlowDatabase) {
  const clock = createFakeClock();
  const { store, line } = watched(database.connect());
  const ledger = createLeasedLedger({
    ledger: store.ledger,
    clock,
    onKillEpoch: () => {},
    onSpent: () => {},
    onChange: () => {},
  });
  const own = { ...DAY };
  const reserve = async (amount: number): Promise<string> => {
    const id = createIds().next();
    const request = { id, accounts: [own], amounts: [amount], expiresInMs: 60_000, atMs: 0 };
    const { results } = await ledger.reserve([request]);
    expect(results).toMatchObject([{ kind: "reserved" }]);
    return id;
  };
  return { ledger, line, clock, reserve };
}

/** A call that held 20,000,000 in a lease and ended with other usage once the line was cut. */
async function endedWhileDown(used: number) {
  const database = new SlowDatabase();
  const { ledger, line, reserve } = openLedger(database);
  await ledger.ready();
  const id = await reserve(20_000_000);
  line.cut = true;
  await ledger.settle([{ id, as: "settled", amounts: [used] }]);
  return { ledger, database };
}

/** What closing rejects with. */
const closing = async (ledger: Pick<Ledger, "close">): Promise<unknown> => {
  try {
    await ledger.close();
    return "closed";
  } catch (error) {
    return error;
  }
};

describe("a ledger that is closed while the store is down", () => {
  it("says how much was let through and is not in the store", async () => {
    const { ledger, line, reserve } = openLedger(new SlowDatabase());
    await ledger.ready();
    line.cut = true;
    for (let call = 0; call < 3; call++) {
      const id = await reserve(20_000_000);
      await ledger.settle([{ id, as: "settled", amounts: [10_000_000] }]);
    }
    const error = await closing(ledger);
    expect(error).toMatchObject({
      code: "BR8001",
      details: { lost: [{ key: "b|day", windowKey: "total", unit: "usd", amount: 30_000_000 }] },
    });
    expect(String(error)).toContain('$0.03 of account "b|day"');
    expect(ledger.dropped).toBe(3);
  });

  it("charges calls that are still running in full, and says so, once", async () => {
    const { ledger, line, reserve } = openLedger(new SlowDatabase());
    await ledger.ready();
    line.cut = true;
    const id = await reserve(20_000_000);
    const error = await closing(ledger);
    expect(error).toMatchObject({ details: { lost: [{ amount: 20_000_000 }] } });
    await ledger.settle([{ id, as: "settled", amounts: [10_000_000] }]);
    expect(ledger.dropped).toBe(1);
  });

  it("says nothing of what the store charges by itself", async () => {
    const { ledger, database } = await endedWhileDown(10_000_000);
    expect(await closing(ledger)).toBe("closed");
    database.passTime(20_000);
    const { results } = await database.connect().ledger.balances([DAY]);
    expect(results[0]?.unknown).toBeGreaterThanOrEqual(10_000_000);
  });

  it("says what calls used beyond their reservation, which no lease covers", async () => {
    const { ledger, database } = await endedWhileDown(500_000_000);
    const error = (await closing(ledger)) as { details?: { lost: { amount: number }[] } };
    database.passTime(20_000);
    const { results } = await database.connect().ledger.balances([DAY]);
    const known = (results[0]?.settled ?? 0) + (results[0]?.unknown ?? 0);
    expect(known + (error.details?.lost[0]?.amount ?? 0)).toBe(500_000_000);
  });
});

describe("a guard that is closed", () => {
  it("counts what the store was not told of calls that went through without it", async () => {
    const database = new SlowDatabase();
    const process = join(database, { budgets: [ALLOWED] });
    await spend(process.guard, tool("t", 0.001));
    await pass(database, [process], 3_000);
    process.line.cut = true;
    await pass(database, [process], 3_000);
    for (let call = 0; call < 4; call++) await spend(process.guard, tool("t", 0.1));
    await process.guard.close();
    expect(process.guard.metrics().dropped.settlements).toBeGreaterThanOrEqual(4);
  });

  it("tells a store that is there of calls that it did not back and that still run", async () => {
    const database = new SlowDatabase();
    const process = join(database, { budgets: [ALLOWED] });
    await spend(process.guard, tool("t", 0.001));
    await pass(database, [process], 3_000);
    process.line.cut = true;
    await pass(database, [process], 3_000);
    const permit = await process.guard.begin(tool("t", 0.1));
    permit.dispatched();
    process.line.cut = false;
    await process.guard.close();
    const other = join(database, { budgets: [ALLOWED] });
    expect(await account(other.guard)).toMatchObject({ settled: 0.101e9, held: 0, leased: 0 });
    expect(process.guard.metrics().dropped.settlements).toBe(0);
  });
});

it("a lease that is on its way when a guard is closed goes back, and nothing of it is charged", async () => {
  const database = new SlowDatabase();
  const store = database.connect();
  const onTheWay: (() => void)[] = [];
  const lease: Ledger["lease"] = async (batch) => {
    const granted = await store.ledger.lease(batch);
    await new Promise<void>((arrive) => onTheWay.push(arrive));
    return granted;
  };
  const budgets = ["$1/day"];
  const { guard } = setUp({ budgets, store: { ...store, ledger: { ...store.ledger, lease } } });
  const refused = codeOf(guard.begin(tool("t", 0.01)));
  await turns();
  const closing = guard.close();
  await turns();
  onTheWay[0]?.();
  expect(await refused).toBe("BR8001");
  await closing;
  database.passTime(20_000);
  const next = join(database, { budgets });
  expect(await account(next.guard)).toMatchObject({ settled: 0, held: 0, leased: 0, unknown: 0 });
});

it.each([
  ["near the limit", {}],
  ["that other attempts may share", { idempotencyKey: "order-7" }],
])("a reservation %s that is on its way when a guard is closed is given back", async (_, more) => {
  const database = new SlowDatabase();
  const store = database.connect();
  const onTheWay: (() => void)[] = [];
  const reserve: Ledger["reserve"] = async (batch) => {
    const reserved = await store.ledger.reserve(batch);
    await new Promise<void>((arrive) => onTheWay.push(arrive));
    return reserved;
  };
  const budgets = ["$1/day"];
  const { guard } = setUp({ budgets, store: { ...store, ledger: { ...store.ledger, reserve } } });
  await spend(guard, tool("t", 0.3)); // now little is left: the store itself is asked
  const refused = codeOf(guard.begin({ ...tool("t", 0.31), ...more }));
  await turns();
  const closing = guard.close();
  await turns();
  onTheWay[0]?.();
  expect(await refused).toBe("BR8001");
  await closing;
  const next = join(database, { budgets });
  await pass(database, [next], 700_000);
  const balance = { settled: 0.3e9, held: 0, leased: 0, unknown: 0 };
  expect(await account(next.guard)).toMatchObject(balance);
});

it("charges that find no room are added up, so that the end can say how much they were", () => {
  const pending = new PendingWrites(
    {
      add: () => {},
      answerLost: () => {},
      heard: () => undefined,
      tell: () => {},
      tellSince: () => {},
    },
    new LeaseJournal(),
  );
  for (let index = 0; index < 10_002; index++) {
    pending.addCharge({ id: `${index}`, account: DAY, amount: 5, atMs: 0, rememberMs: 1 });
  }
  expect(pending.lost.count).toBe(2);
  expect(pending.lost.toError("it was full")?.details).toMatchObject({ lost: [{ amount: 10 }] });
});
