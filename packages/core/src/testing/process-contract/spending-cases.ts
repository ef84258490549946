import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import type { ProcessContractOptions } from "./options.ts";
import { costOf } from "./provider-call.ts";
import { budgetOf, budgetsOf, processCase, until, untilQuiet } from "./trial.ts";
import type { SpendOrder, Spent } from "./worker-calls.ts";

const DEFAULT_CALLS = 10_000;
const DEFAULT_BOUND_MS = 1_000;
const NANO = 1e9;
/** About a tenth of a cent is reserved, and 70 % of it used. */
const CALL = { reserved: 499, used: 350 } as const;

/** What processes may spend together. */
export function spendingCases(options: ProcessContractOptions): void {
  const { calls = DEFAULT_CALLS, boundMs = DEFAULT_BOUND_MS } = options;
  const usd = calls / DEFAULT_CALLS;

  processCase(
    options,
    `four processes that make ${calls} calls spend $${usd} to the end, and not one call more`,
    async (trial) => {
      const { provider } = trial;
      const budgets = budgetsOf(usd);
      const [watcher] = await trial.start(1, { budgets });
      const workers = await trial.start(4, { budgets, onHeld: "wait" });
      assert.ok(watcher !== undefined);
      const order = { ...CALL, calls: calls / 4, lanes: 16 };
      const spent = await Promise.all(workers.map((worker) => worker.ask("spend", order)));
      await Promise.all(workers.map((worker) => worker.close()));
      const accounts = await watcher.ask("budgets");
      const billed = provider.billedNanoUsd();
      assert.ok(billed <= usd * NANO, `${billed} was billed`);
      assert.ok(billed >= 0.97 * usd * NANO - costOf(CALL.reserved), `only ${billed} was billed`);
      const figures = accounts.map(({ settled, held, leased, unknown }) => {
        return [settled, held, leased, unknown];
      });
      assert.deepEqual(figures, [
        [billed, 0, 0, 0],
        [billed, 0, 0, 0],
      ]);
      assert.equal(sum(spent, "admitted"), provider.requestCount());
      assert.equal(sum(spent, "failed"), 0);
      const codes = new Set(spent.flatMap(({ refused }) => Object.keys(refused)));
      assert.deepEqual([...codes], ["BR2001"]);
    },
  );

  processCase(
    options,
    "all of the small calls are admitted while other processes ask for more than is left",
    async (trial) => {
      const budgets = [budgetOf(1)];
      const workers = await trial.start(4, { budgets });
      const half = { calls: 1, lanes: 1, reserved: 250_000, used: 250_000 };
      await workers[0]?.ask("spend", half);
      const big: SpendOrder = { calls: 100, lanes: 10, reserved: 300_000, used: 1 };
      const small: SpendOrder = { ...CALL, calls: 20, lanes: 4 };
      const spent = await Promise.all(
        workers.map((worker, index) => worker.ask("spend", index % 2 === 0 ? big : small)),
      );
      assert.deepEqual(
        spent.map(({ admitted }) => admitted),
        [0, 20, 0, 20],
      );
    },
  );

  processCase(
    options,
    "a task that fans out to 100 children in four processes spends its budget once",
    async (trial) => {
      const budgets = [budgetOf(0.1, { window: "task" })];
      const [parent, ...children] = await trial.start(5, { budgets, onHeld: "wait" });
      assert.ok(parent !== undefined);
      const task = await parent.ask("openTask");
      const order = { ...CALL, calls: 100, lanes: 25, task };
      const spent = await Promise.all([parent, ...children].map((one) => one.ask("spend", order)));
      const billed = trial.provider.billedNanoUsd();
      assert.equal(sum(spent, "admitted"), trial.provider.requestCount());
      assert.ok(billed <= 0.1 * NANO, `${billed} was billed`);
      assert.ok(billed >= 0.095 * NANO, `only ${billed} was billed`);
      const [account] = await untilQuiet(trial, parent);
      assert.equal(account?.settled, billed);
      await parent.ask("endTask");
    },
  );

  processCase(
    options,
    "a limit that is lowered while leases are out binds every process within a second",
    async (trial) => {
      const { provider } = trial;
      const budget = budgetOf(100);
      const workers = await trial.start(4, { budgets: [budget] });
      const [one] = workers;
      assert.ok(one !== undefined);
      const fast = { ...CALL, calls: 300, lanes: 8 };
      const spentFast = await Promise.all(workers.map((worker) => worker.ask("spend", fast)));
      const slow = { ...CALL, calls: 1e6, lanes: 4, thinksMs: 20, until: "BR2001" };
      const running = Promise.all(workers.map((worker) => worker.ask("spend", slow)));
      await until("all are slow", () => provider.requestCount() > 1_250);
      await one.ask("setBudget", budget.id, 0.05);
      const loweredMs = performance.now();
      const spent = [...spentFast, ...(await running)];
      const tookMs = performance.now() - loweredMs;
      assert.ok(tookMs < boundMs, `it bound after ${tookMs} ms`);
      const [account] = await untilQuiet(trial, one);
      assert.deepEqual([account?.settled, account?.limit], [provider.billedNanoUsd(), 0.05 * NANO]);
      assert.equal(sum(spent, "admitted"), provider.requestCount());
    },
  );

  processCase(
    options,
    "an id reserves and settles once, whichever process uses it",
    async (trial) => {
      const workers = await trial.start(4, { budgets: [budgetOf(1)] });
      const [id, key] = [randomUUID(), randomUUID()];
      const request = { id, key, amount: 60, limit: 100 };
      const kinds = await Promise.all(workers.map((worker) => worker.ask("reserve", request)));
      assert.deepEqual(kinds.sort(), ["duplicate", "duplicate", "duplicate", "reserved"]);
      const ends = await Promise.all(workers.map((worker) => worker.ask("settle", id, 30)));
      assert.equal(ends.filter((applied) => applied).length, 1);
      const rest = { id: randomUUID(), key, amount: 70, limit: 100 };
      assert.equal(await workers[0]?.ask("reserve", rest), "reserved");
    },
  );
}

function sum(spent: readonly Spent[], what: "admitted" | "failed" | "questions"): number {
  return spent.reduce((total, one) => total + one[what], 0);
}
