import { expect, it } from "vitest";
import { account, setUp, spend, tool } from "../guard/test-fixture.ts";
import { pass, watched } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { MemoryJournal } from "./memory-journal.ts";

const BUDGET = { id: "b", limit: { usd: 100 }, window: "day" } as const;

/** A process whose database can be exchanged for an empty one, as after a restart that lost all. */
function onForgetful(journal: MemoryJournal | undefined) {
  const first = new SlowDatabase();
  let database = first;
  let connected = database.connect();
  const ledger = { ...connected.ledger };
  for (const name of ["lease", "returnLeases", "charge", "balances"] as const) {
    ledger[name] = ((...given: [never]) => connected.ledger[name](...given)) as never;
  }
  const says = { failsOnceItSaidSo: false };
  const { returnLeases } = ledger;
  ledger.returnLeases = async (batch) => {
    const reply = await returnLeases(batch);
    if (says.failsOnceItSaidSo && reply.results.some(({ applied }) => !applied)) line.cut = true;
    return reply;
  };
  const { line, store } = watched({ ...connected, ledger });
  const process = setUp({ budgets: [BUDGET], store, ...(journal && { journal }) });
  return {
    ...process,
    line,
    says,
    forget: () => {
      database = new SlowDatabase();
      connected = database.connect();
    },
    next: () => {
      journal?.crash();
      const store = { ...database.connect(), state: first.connect().state };
      return setUp({ budgets: [BUDGET], store, ...(journal && { journal }) });
    },
    pass: (ms: number) => pass(database, [process], ms),
    spendFor: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        await spend(process.guard, tool("t", 0.01));
        await pass(database, [process], 500);
      }
    },
  };
}

it.each([
  ["a moment, without a journal", 1_500, undefined],
  ["a moment", 1_500, new MemoryJournal()],
  ["longer than a lease, without a journal", 15_000, undefined],
  ["longer than a lease", 15_000, new MemoryJournal()],
])(
  "a store that forgot a lease is told all of it, though it fails right after it said so (for %s)",
  async (_, downMs, journal) => {
    const process = onForgetful(journal);
    await process.spendFor(1_500);
    process.says.failsOnceItSaidSo = true;
    process.forget();
    await process.pass(downMs);
    expect(process.line.cut).toBe(true);
    process.says.failsOnceItSaidSo = false;
    process.line.cut = false;
    await process.pass(5_000);
    expect(await account(process.guard)).toMatchObject({ settled: 0.03e9, unknown: 0, leased: 0 });
  },
);

it.each([
  ["without a journal", undefined],
  ["with a journal", new MemoryJournal()],
])(
  "what the store acknowledged of a lease is not charged again once that is over (%s)",
  async (_, journal) => {
    const process = onForgetful(journal);
    await process.spendFor(1_000);
    journal?.parts.clear(); // somebody tidied up
    await process.pass(500);
    await process.spendFor(500);
    process.line.cut = true;
    process.forget();
    await process.pass(15_000);
    process.line.cut = false;
    await process.pass(5_000);
    expect(await account(process.guard)).toMatchObject({ settled: 0, unknown: 0, leased: 0 });
  },
);

it("what a guard that closes cannot tell apart is charged by the next one", async () => {
  const process = onForgetful(new MemoryJournal());
  for (let call = 0; call < 5; call++) await spend(process.guard, tool("t", 0.01));
  process.line.cut = true;
  process.forget();
  await process.pass(15_000);
  process.line.cut = false;
  await process.guard.close();
  expect(await account(process.next().guard)).toMatchObject({ settled: 0.01e9, unknown: 0 });
});
