import { codeOf, setUp, spend, tool } from "../guard/test-fixture.ts";
import type { Guard, GuardOptions, Ledger, Store } from "../index.ts";
import type { SlowDatabase } from "../testing/store-contract/slow-store.ts";

/** A store, how often it was asked, and whether the line to it is cut, or it takes nothing. */
interface WatchedStore {
  readonly store: Store;
  readonly line: { questions: number; cut: boolean; isReadOnly: boolean };
}

/** A guard with a clock of its own, and its line to the store. */
type TestProcess = ReturnType<typeof setUp> & Pick<WatchedStore, "line">;

/** Counts the questions that reach a store, and can cut the line to it. */
export function watched(store: Store): WatchedStore {
  const line = { questions: 0, cut: false, isReadOnly: false };
  const ask =
    <A extends unknown[], R>(method: (...given: A) => R) =>
    (...given: A): R => {
      line.questions++;
      if (line.cut) throw new Error("no route to host");
      return method(...given);
    };
  const write: typeof ask = (method) =>
    ask((...given) => {
      if (line.isReadOnly) throw new Error("it may only be read");
      return method(...given);
    });
  const { ledger } = store;
  const counted: Ledger = {
    ...ledger,
    reserve: write(ledger.reserve),
    settle: write(ledger.settle),
    dispatch: write(ledger.dispatch),
    balances: ask(ledger.balances),
    lease: write(ledger.lease),
    returnLeases: write(ledger.returnLeases),
    charge: write(ledger.charge),
  };
  return { line, store: { ...store, ledger: counted } };
}

/** A process on a database: a guard with a clock of its own. */
export function join(database: SlowDatabase, options: GuardOptions): TestProcess {
  const { line, store } = watched(database.connect());
  return { ...setUp({ ...options, store }), line };
}

/** Time passes for everyone. */
export async function pass(
  database: SlowDatabase,
  processes: readonly { readonly clock: { advance(ms: number): void } }[],
  ms: number,
): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    database.passTime(500);
    for (const { clock } of processes) clock.advance(500);
    await turns();
  }
}

/** Lets time pass until all runs have ended; the sum of what they return. */
export async function passingTime(
  database: SlowDatabase,
  processes: Parameters<typeof pass>[1],
  runs: readonly Promise<number>[],
): Promise<number> {
  let done = false;
  const all = Promise.all(runs).finally(() => {
    done = true;
  });
  while (!done) await pass(database, processes, 500);
  return (await all).reduce((sum, count) => sum + count, 0);
}

/** Lets what was asked be answered. */
export async function turns(count = 12): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs calls until the budget is used up; how many were admitted. */
export async function spendAll(guard: Guard, attempts: number, usd = 0.01): Promise<number> {
  let admitted = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if ((await codeOf(spend(guard, tool("t", usd)))) === undefined) admitted++;
  }
  return admitted;
}
