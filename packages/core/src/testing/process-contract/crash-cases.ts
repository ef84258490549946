import { strict as assert } from "node:assert";
import { randomInt } from "node:crypto";
import type { BudgetStatus } from "../../budget/budget-status.ts";
import type { FakeProvider } from "../fake-provider/fake-provider.ts";
import { totalOf } from "./direct-account.ts";
import type { ProcessContractOptions } from "./options.ts";
import { costOf } from "./provider-call.ts";
import {
  accountSeenBy,
  budgetOf,
  budgetsOf,
  type Launched,
  processCase,
  until,
  untilQuiet,
} from "./trial.ts";
import type { WorkerProcess } from "./worker-process.ts";

const NANO = 1e9;
const DEFAULT_KILLS = 30;
const PATIENCE_MS = 5_000;
const FOREVER = { calls: 1e6, lanes: 4, reserved: 499, used: 350, thinksMs: 5 } as const;

/** What processes may spend together when they die, sleep, or lose their store. */
export function crashCases(options: ProcessContractOptions): void {
  const { restartStore, kills = DEFAULT_KILLS } = options;

  processCase(
    options,
    `${kills} processes that are killed while others spend leave a budget that holds, and can be spent`,
    async (trial) => {
      const { provider } = trial;
      const limit = 2 * NANO;
      const budgets = budgetsOf(limit / NANO);
      const [watcher, ...heirs] = await trial.start(3, { budgets });
      assert.ok(watcher !== undefined);
      const next = (): WorkerProcess => startSpending(trial.launch({ budgets }));
      const spending = Array.from({ length: 4 }, next);
      for (let kill = 0; kill < kills; kill++) {
        await atAnyMoment(provider, kill % 3 === 0 ? 200 : PATIENCE_MS);
        const [victim] = spending.splice(randomInt(spending.length), 1, next());
        await victim?.kill();
        for (const account of await watcher.ask("budgets")) {
          assert.ok(totalOf(account) <= account.limit, `too much is given away: ${account.key}`);
        }
      }
      for (const worker of spending) await worker.kill();
      assertCharged(await untilQuiet(trial, watcher), provider);
      assert.ok(provider.requestCount() > 5 * kills, "the killed ones have spent");
      await spendRest(heirs);
      const accounts = await untilQuiet(trial, watcher);
      assertCharged(accounts, provider);
      const [account] = accounts;
      assert.ok(
        account !== undefined && totalOf(account) > 0.99 * limit,
        "the rest could be spent",
      );
    },
  );

  processCase(
    options,
    "a process that slept for longer than its lease spends nothing of it once others were given it",
    async (trial) => {
      const { provider } = trial;
      const limit = 4 * NANO;
      const budget = budgetOf(limit / NANO);
      const [sleeper, watcher, ...others] = await trial.start(4, { budgets: [budget] });
      assert.ok(sleeper !== undefined && watcher !== undefined);
      const asleep = sleeper.ask("spend", { ...FOREVER, until: "BR2001" });
      await until("it spends", () => provider.requestCount() > 100);
      sleeper.suspend();
      assert.ok((await accountSeenBy(watcher)).leased > 0, "it has a lease");
      await until("its lease is over", async () => (await accountSeenBy(watcher)).leased === 0);
      await provider.idle();
      const onItsWay = FOREVER.lanes * costOf(FOREVER.reserved);
      const spent = provider.billedNanoUsd() + onItsWay;
      await watcher.ask("reconcile", budget.id, spent / NANO);
      await spendRest(others);
      sleeper.resume();
      await asleep;
      await untilQuiet(trial, watcher);
      const billed = provider.billedNanoUsd();
      assert.ok(billed <= limit, `${billed} was billed`);
      assert.ok(billed >= 0.99 * limit, `only ${billed} was billed`);
    },
  );

  if (restartStore === undefined) return;
  processCase(
    options,
    "a store that dies and comes back refuses meanwhile, and nothing is overspent",
    async (trial) => {
      const { provider } = trial;
      const budgets = budgetsOf(1);
      const workers = await trial.start(3, { budgets });
      const down = { ...FOREVER, until: "BR8001" };
      const running = Promise.all(workers.map((worker) => worker.ask("spend", down)));
      await until("all spend", () => provider.requestCount() > 60);
      await restartStore(async () => {
        await running;
        await provider.idle();
        const before = provider.requestCount();
        const once = { ...FOREVER, calls: 8 };
        const [spent] = await Promise.all(workers.map((worker) => worker.ask("spend", once)));
        assert.deepEqual(spent?.refused, { BR8001: 8 });
        assert.equal(provider.requestCount(), before);
      });
      for (const worker of workers) await until("calls go on", () => isAdmitted(worker));
      const over = { ...FOREVER, until: "BR2001" };
      await Promise.all(workers.map((worker) => worker.ask("spend", over)));
      const [watcher] = workers;
      assert.ok(watcher !== undefined);
      assertCharged(await untilQuiet(trial, watcher), provider);
    },
  );
}

/** Whatever was billed is charged to each account, and no account is overspent. */
function assertCharged(accounts: readonly BudgetStatus[], provider: FakeProvider): void {
  const billed = provider.billedNanoUsd();
  assert.ok(accounts.length > 0);
  for (const { settled, unknown, limit } of accounts) {
    assert.ok(billed <= settled + unknown, `${billed} was billed, ${settled} + ${unknown} charged`);
    assert.ok(settled + unknown <= limit, `${settled} + ${unknown} of ${limit} was charged`);
  }
}

/** Spends what is left: first in big calls, then in ever smaller ones. */
async function spendRest(workers: readonly WorkerProcess[]): Promise<void> {
  for (const used of [10_000, 1_000, FOREVER.used]) {
    const reserved = Math.max(used, FOREVER.reserved);
    const order = { calls: 1e6, lanes: 4, reserved, used, until: "BR2001" };
    await Promise.all(workers.map((worker) => worker.ask("spend", order)));
  }
}

/** Has a process spend until it is killed, or nothing is left. */
function startSpending({ worker, opened }: Launched): WorkerProcess {
  const spending = opened.then(() => worker.ask("spend", { ...FOREVER, until: "BR2001" }));
  spending.catch(() => {}); // it is going to be killed
  return worker;
}

/** Some calls later, or soon when nobody gets that far: some are killed while they start. */
async function atAnyMoment(provider: FakeProvider, patienceMs: number): Promise<void> {
  const requests = provider.requestCount() + randomInt(40);
  const latestMs = performance.now() + randomInt(patienceMs);
  await until("its moment", () => {
    return provider.requestCount() >= requests || performance.now() >= latestMs;
  });
}

/** Whether a process gets a call through. */
export async function isAdmitted(worker: WorkerProcess): Promise<boolean> {
  return (await worker.ask("spend", { ...FOREVER, calls: 1 })).admitted === 1;
}
