import { strict as assert } from "node:assert";
import { isAdmitted } from "./crash-cases.ts";
import type { ProcessContractOptions } from "./options.ts";
import { budgetOf, processCase, until } from "./trial.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Calls that are in flight most of the time. */
const BUSY = { calls: 1e6, lanes: 8, reserved: 499, used: 350, thinksMs: 50, until: "BR1001" };
const DEFAULT_BOUND_MS = 1_000;

/** How a kill reaches every process. */
export function killCases(options: ProcessContractOptions): void {
  const { boundMs = DEFAULT_BOUND_MS } = options;

  processCase(
    options,
    "four busy processes stop within a second of a kill, and its receipt names them",
    async (trial) => {
      const { provider } = trial;
      const budgets = [budgetOf(1_000)];
      const [operator, ...workers] = await trial.start(5, { budgets });
      assert.ok(operator !== undefined);
      const running = Promise.all(workers.map((worker) => worker.ask("spend", BUSY)));
      await until("all are busy", () => provider.requestCount() > 100);
      const startedMs = performance.now();
      const receipt = await operator.ask("kill", boundMs);
      const spent = await running;
      const tookMs = performance.now() - startedMs;
      const [late] = await trial.start(1, { budgets });
      assert.ok(late !== undefined);
      try {
        assert.ok(tookMs < boundMs, `they stopped after ${tookMs} ms`);
        assertNames(receipt.acks, [operator, ...workers]);
        assert.ok(!workers.some((worker) => receipt.missing.some((name) => worker.isNamed(name))));
        assert.ok(receipt.durable && receipt.epoch > 0);
        assert.equal(
          receipt.aborted,
          spent.reduce((sum, { failed }) => sum + failed, 0),
          "it counts the calls that it cut",
        );
        await provider.idle();
        const requests = provider.requestCount();
        const once = { ...BUSY, calls: 1 };
        assert.deepEqual((await late.ask("spend", once)).refused, { BR1001: 1 });
        assert.equal(provider.requestCount(), requests);
      } finally {
        await operator.ask("revive", receipt.id);
      }
      for (const worker of [operator, late, ...workers]) {
        await until("a revived process works", () => isAdmitted(worker), boundMs);
      }
    },
  );

  processCase(
    options,
    "a process that does not answer to a kill is told as missing, and is stopped when it wakes up",
    async (trial) => {
      const budgets = [budgetOf(1_000)];
      const [operator, busy, asleep] = await trial.start(3, { budgets });
      assert.ok(operator !== undefined && busy !== undefined && asleep !== undefined);
      const running = Promise.all([busy, asleep].map((worker) => worker.ask("spend", BUSY)));
      await until("all are busy", () => trial.provider.requestCount() > 50);
      asleep.suspend();
      const receipt = await operator.ask("kill", boundMs);
      asleep.resume();
      await running;
      await operator.ask("revive", receipt.id);
      assertNames(receipt.acks, [operator, busy]);
      assert.ok(
        receipt.missing.some((name) => asleep.isNamed(name)),
        `missing: ${receipt.missing}`,
      );
      for (const worker of [busy, asleep]) {
        await until("a revived process works", () => isAdmitted(worker), boundMs);
      }
    },
  );
}

function assertNames(
  acks: readonly { readonly process: string }[],
  workers: readonly WorkerProcess[],
): void {
  const unnamed = workers.filter((worker) => !acks.some(({ process }) => worker.isNamed(process)));
  assert.equal(unnamed.length, 0, `only these answered: ${acks.map(({ process }) => process)}`);
}
