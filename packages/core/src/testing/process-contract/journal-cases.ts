import { strict as assert } from "node:assert";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BudgetStatus } from "../../budget/budget-status.ts";
import type { FakeProvider } from "../fake-provider/fake-provider.ts";
import type { ProcessContractOptions } from "./options.ts";
import { costOf } from "./provider-call.ts";
import { budgetOf, budgetsOf, processCase, type Trial, until } from "./trial.ts";
import type { WorkerProcess } from "./worker-process.ts";

const CRASHES = 3;
const FOREVER = { calls: 1e6, lanes: 4, reserved: 499, used: 350, thinksMs: 5 } as const;
/** What the calls of one crash may have cost, as far as anybody can know. */
const IN_FLIGHT = FOREVER.lanes * costOf(FOREVER.reserved);

/** What processes that keep a journal leave behind when they die. */
export function journalCases(options: ProcessContractOptions): void {
  processCase(
    options,
    "a crash with a journal leaves unknown what was in flight, no more",
    (trial) =>
      inFolder(async (journal) => {
        const budgets = budgetsOf(2);
        let worker = await startOne(trial, { budgets, journal });
        for (let crash = 1; crash <= CRASHES; crash++) {
          await crashSpending(trial, worker);
          worker = await startOne(trial, { budgets, journal });
          const accounts = await worker.ask("budgets");
          for (const account of accounts) assertExact(account, trial.provider, crash);
        }
        assert.deepEqual(await readdir(journal), [], "what was told is gone");
        await worker.ask("spend", { ...FOREVER, calls: 1 });
        assert.equal((await readdir(journal)).length, 1);
        await worker.close();
        assert.deepEqual(await readdir(journal), []);
      }),
  );

  processCase(
    options,
    "near the limit, where the store holds each call, it does so, too",
    (trial) =>
      inFolder(async (journal) => {
        const budgets = [budgetOf((40 * costOf(FOREVER.reserved)) / 1e9)];
        let worker = await startOne(trial, { budgets, journal });
        for (let crash = 1; crash <= 2; crash++) {
          await crashSpending(trial, worker, 4);
          worker = await startOne(trial, { budgets, journal });
          for (const account of await worker.ask("budgets")) {
            assertExact(account, trial.provider, crash);
          }
        }
      }),
  );

  processCase(
    options,
    "those who live tell what one left that nobody takes the place of",
    (trial) =>
      inFolder(async (journal) => {
        const budgets = budgetsOf(2);
        const [worker, watcher] = await trial.start(2, { budgets, journal });
        assert.ok(worker !== undefined && watcher !== undefined);
        await crashSpending(trial, worker);
        const exact = async (): Promise<boolean> => {
          const accounts = await watcher.ask("budgets");
          return accounts.every(({ leased, unknown }) => leased === 0 && unknown <= IN_FLIGHT);
        };
        await until("it is told", exact);
        for (const account of await watcher.ask("budgets")) assertExact(account, trial.provider, 1);
      }),
  );
}

async function startOne(
  trial: Trial,
  given: Parameters<Trial["start"]>[1],
): Promise<WorkerProcess> {
  const [worker] = await trial.start(1, given);
  assert.ok(worker !== undefined);
  return worker;
}

/** Has it spend, and kills it in the middle. */
async function crashSpending(
  { provider }: Trial,
  worker: WorkerProcess,
  calls = 50,
): Promise<void> {
  const before = provider.requestCount();
  worker.ask("spend", FOREVER).catch(() => {}); // it is going to be killed
  await until("it spends", () => provider.requestCount() > before + calls);
  await worker.kill();
  await provider.idle();
}

/** Nothing is out, nothing is missing, and only what was in flight is charged without being known. */
function assertExact(
  { settled, unknown, held, leased }: BudgetStatus,
  provider: FakeProvider,
  crashes: number,
): void {
  const billed = provider.billedNanoUsd();
  assert.deepEqual({ held, leased }, { held: 0, leased: 0 });
  assert.ok(settled <= billed, `${settled} is settled, ${billed} was billed`);
  assert.ok(billed <= settled + unknown, `${billed} was billed, ${settled} + ${unknown} charged`);
  assert.ok(unknown <= crashes * IN_FLIGHT, `${unknown} is unknown after ${crashes} crashes`);
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "burnrate-journal-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
