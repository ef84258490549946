import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { BudgetOptions } from "../../budget/budget.ts";
import type { BudgetStatus } from "../../budget/budget-status.ts";
import { type FakeProvider, startFakeProvider } from "../fake-provider/fake-provider.ts";
import type { ProcessContractOptions } from "./options.ts";
import type { WorkerSetup } from "./worker-calls.ts";
import { WorkerProcess } from "./worker-process.ts";

/** What a worker is told; the rest is the trial's. */
export type WorkerGiven = Pick<WorkerSetup, "budgets"> &
  Partial<Pick<WorkerSetup, "onHeld" | "aheadMs" | "journal">>;

/** One case: a provider whose books are the truth, and the processes that spend. */
export interface Trial {
  readonly provider: FakeProvider;
  /** Starts a process, and does not wait until it has a guard. */
  launch(given: WorkerGiven): Launched;
  /** Starts processes, each with a guard that is open. */
  start(count: number, given: WorkerGiven): Promise<WorkerProcess[]>;
}

/** A process that starts. */
export interface Launched {
  readonly worker: WorkerProcess;
  readonly opened: Promise<void>;
}

const POLL_MS = 20;
const CASE_MS = 180_000;

/** Registers a case, which leaves no process behind. */
export function processCase(
  { test, storeModule, env = {} }: ProcessContractOptions,
  name: string,
  run: (trial: Trial) => Promise<void>,
): void {
  const inTrial = async (): Promise<void> => {
    const workers: WorkerProcess[] = [];
    const provider = await startFakeProvider();
    const launch = (given: WorkerGiven): Launched => {
      const worker = new WorkerProcess(env);
      workers.push(worker);
      const where = { storeModule: storeModule.href, providerUrl: provider.url };
      const opened = worker.ask("open", { onHeld: "refuse", aheadMs: 0, ...given, ...where });
      return { worker, opened };
    };
    const start: Trial["start"] = async (count, given) => {
      const launched = Array.from({ length: count }, () => launch(given));
      await Promise.all(launched.map(({ opened }) => opened));
      return launched.map(({ worker }) => worker);
    };
    try {
      await run({ provider, launch, start });
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
      await provider.close();
    }
  };
  test(name, inTrial, CASE_MS);
}

/** A budget that no other case has. */
export function budgetOf(usd: number, given: Partial<BudgetOptions> = {}): BudgetOptions {
  return { id: `case-${randomUUID()}`, limit: { usd }, window: "total", ...given };
}

/** The same, and a roomy one on a rolling window: each call needs both. */
export function budgetsOf(usd: number): BudgetOptions[] {
  return [budgetOf(usd), budgetOf(10 * usd, { window: "hour" })];
}

/** What a process sees of the first account. */
export async function accountSeenBy(worker: WorkerProcess): Promise<BudgetStatus> {
  const [account] = await worker.ask("budgets");
  assert.ok(account !== undefined, "the budget has an account");
  return account;
}

/** Looks again and again, without knowing how long it takes; gives up in the end. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await isSo())) {
    const waitedMs = performance.now() - startedMs;
    assert.ok(waitedMs < timeoutMs, `waited ${Math.round(waitedMs)} ms in vain: ${what}`);
    await setTimeout(POLL_MS);
  }
}

/** Waits until nothing is in flight at the provider and nothing of any account is out. */
export async function untilQuiet(
  { provider }: Trial,
  worker: WorkerProcess,
): Promise<BudgetStatus[]> {
  await provider.idle();
  await until("nothing is held or leased", async () => {
    const accounts = await worker.ask("budgets");
    return accounts.every(({ held, leased }) => held === 0 && leased === 0);
  });
  return worker.ask("budgets");
}
