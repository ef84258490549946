import { strict as assert } from "node:assert";
import { systemClock } from "../../ports/clock.ts";
import type { ProcessContractOptions } from "./options.ts";
import { accountSeenBy, budgetOf, processCase, type Trial, until, untilQuiet } from "./trial.ts";
import type { SpendOrder, Spent } from "./worker-calls.ts";

const NANO = 1e9;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** So long after its processes start the trial's day ends, where a process starts in a second. */
const DAY_ENDS_IN_MS = 12_000;
const THINKS_MS = 50;
const USUAL_START_MS = 1_000;
const MAX_SLOWNESS = 6;
const CALL: SpendOrder = { calls: 1e6, lanes: 4, reserved: 499, used: 350, until: "BR2001" };

/** What becomes of leases when their window ends. */
export function windowCases(options: ProcessContractOptions): void {
  processCase(
    options,
    "a window that ends while leases are out keeps what was spent in it, and the next begins whole",
    async (trial) => {
      const { provider } = trial;
      const limit = 1.5 * NANO;
      const budgets = [budgetOf(limit / NANO, { window: "day" }), budgetOf(100)];
      const slowness = await slownessOf(trial);
      const dayEndsInMs = slowness * DAY_ENDS_IN_MS;
      const aheadMs = DAY_MS - (systemClock.wallMs() % DAY_MS) - dayEndsInMs;
      const [watcher, ...workers] = await trial.start(4, { budgets, aheadMs });
      // For this one it is still an hour earlier when the day has ended for the others.
      const [late] = await trial.start(1, { budgets, aheadMs: aheadMs - HOUR_MS });
      assert.ok(watcher !== undefined && late !== undefined);
      const spend = (order: SpendOrder): Promise<Spent[]> =>
        Promise.all(workers.map((worker) => worker.ask("spend", order)));
      const running = spend({ ...CALL, thinksMs: Math.round(slowness * THINKS_MS) });
      await until("all spend", () => provider.requestCount() > 60);
      const { resetsAt } = await accountSeenBy(watcher);
      await until("leases are out", async () => (await accountSeenBy(watcher)).leased > 0);
      assert.equal((await accountSeenBy(late)).resetsAt, resetsAt, "it is the same day for all");
      const dayEnded = async (): Promise<boolean> => {
        return (await accountSeenBy(watcher)).resetsAt !== resetsAt;
      };
      await until("the day ends", dayEnded, dayEndsInMs + 30_000);
      const spent = [...(await spend(CALL)), ...(await running)];
      assert.ok(
        spent.every(({ failed }) => failed === 0),
        "the provider answered every call",
      );
      await provider.idle();
      const [second, all] = await untilQuiet(trial, watcher);
      const [first] = await untilQuiet(trial, late);
      assert.ok(first !== undefined && second !== undefined && all !== undefined);
      const billed = provider.billedNanoUsd();
      assert.deepEqual([first.unknown, second.unknown], [0, 0]);
      assert.equal(first.settled + second.settled, billed, "each call is charged to its own day");
      assert.equal(all.settled, billed);
      assert.ok(first.settled > 0 && first.settled < limit, "money of the first day was left");
      assert.ok(second.settled <= limit, `${second.settled} of ${limit} was spent`);
      assert.ok(second.settled >= 0.97 * limit, `only ${second.settled} could be spent`);
    },
  );
}

/** On a busy machine the day is longer, and as many calls fit into it. */
async function slownessOf(trial: Trial): Promise<number> {
  const startedMs = systemClock.monotonicMs();
  const [scout] = await trial.start(1, { budgets: [budgetOf(1)] });
  const tookMs = systemClock.monotonicMs() - startedMs;
  await scout?.close();
  return Math.min(MAX_SLOWNESS, Math.max(1, tookMs / USUAL_START_MS));
}
