import { strict as assert } from "node:assert";
import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ProcessContractOptions } from "./options.ts";
import { costOf } from "./provider-call.ts";
import { accountSeenBy, budgetOf, processCase, type Trial, until, untilQuiet } from "./trial.ts";
import type { WorkerProcess } from "./worker-process.ts";

const NANO = 1e9;
const DEFAULT_KILLS = 30;
const FOREVER = { calls: 1e6, lanes: 4, reserved: 499, used: 350, thinksMs: 5 } as const;

/** What processes may spend together when they die, sleep, or lose their store. */
export function crashCases(options: ProcessContractOptions): void {
  const { restartStore, kills = DEFAULT_KILLS } = options;

  processCase(
    options,
    `${kills} processes that are killed while others spend leave a budget that holds`,
    async (trial) => {
      const { provider } = trial;
      const budgets = [budgetOf(1)];
      const [watcher] = await trial.start(1, { budgets });
      assert.ok(watcher !== undefined);
      const spending = Array.from({ length: 4 }, () => startSpending(trial, budgets));
      for (let kill = 0; kill < kills; kill++) {
        await setTimeout(randomInt(200)); // at any moment: also while it starts
        const [victim] = spending.splice(
          randomInt(spending.length),
          1,
          startSpending(trial, budgets),
        );
        await (await victim)?.kill();
        const { settled, held, leased, unknown } = await accountSeenBy(watcher);
        assert.ok(settled + held + leased + unknown <= NANO, "more is given away than there is");
      }
      for (const worker of await Promise.all(spending)) await worker.kill();
      const { settled, unknown } = await untilQuiet(trial, watcher);
      const billed = provider.billedNanoUsd();
      assert.ok(provider.requestCount() > kills, "something was spent");
      assert.ok(
        billed <= settled + unknown,
        `${billed} was billed, ${settled} + ${unknown} charged`,
      );
      assert.ok(settled + unknown <= NANO, `${settled} + ${unknown} was charged`);
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
      for (const used of [10_000, 1_000, FOREVER.used]) {
        const rest = { calls: 1e6, lanes: 4, reserved: used, used, until: "BR2001" };
        await Promise.all(others.map((worker) => worker.ask("spend", rest)));
      }
      sleeper.resume();
      await asleep;
      await untilQuiet(trial, watcher);
      const billed = provider.billedNanoUsd();
      assert.ok(billed <= limit, `${billed} was billed`);
      assert.ok(billed >= limit - onItsWay - costOf(FOREVER.reserved), `only ${billed} was billed`);
    },
  );

  if (restartStore === undefined) return;
  processCase(
    options,
    "a store that dies and comes back refuses meanwhile, and nothing is overspent",
    async (trial) => {
      const { provider } = trial;
      const budgets = [budgetOf(1)];
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
      const { settled, unknown } = await untilQuiet(trial, watcher);
      const billed = provider.billedNanoUsd();
      assert.ok(billed <= NANO, `${billed} was billed`);
      assert.ok(
        billed <= settled + unknown,
        `${billed} was billed, ${settled} + ${unknown} charged`,
      );
    },
  );
}

/** A process that spends until it is killed, or nothing is left. */
async function startSpending(
  trial: Trial,
  budgets: Parameters<Trial["start"]>[1]["budgets"],
): Promise<WorkerProcess> {
  const [worker] = await trial.start(1, { budgets });
  assert.ok(worker !== undefined);
  worker.ask("spend", { ...FOREVER, until: "BR2001" }).catch(() => {}); // it is going to be killed
  return worker;
}

/** Whether a process gets a call through. */
export async function isAdmitted(worker: WorkerProcess): Promise<boolean> {
  return (await worker.ask("spend", { ...FOREVER, calls: 1 })).admitted === 1;
}
