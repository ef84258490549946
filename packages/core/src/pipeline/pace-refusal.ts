import { quote } from "../config/describe.ts";
import type { Paced } from "./paced-accounts.ts";
import type { Refusal } from "./refusal.ts";

/** The longest that a call waits for its turn under a kill of level `throttle`. */
export const MAX_TURN_MS = 30_000;

/** A pace that a call cannot wait for; `waitMs` is undefined where there is none. */
export function tooLong({ account, maxDelayMs }: Paced, waitMs: number | undefined): Refusal {
  const { budget, key } = account;
  const rule =
    waitMs === undefined
      ? "its window does not reset, so there is no pace that it could keep"
      : `the next call of this pace may go in ${Math.ceil(waitMs)} ms, and waits end at ${maxDelayMs} ms`;
  const advice =
    waitMs === undefined
      ? "Waiting does not help: raise the limit"
      : "Come back later, raise maxDelayMs of its throttle, or raise the limit";
  return {
    code: "BR4001",
    message: `budget ${quote(budget.id)} (${quote(key)}) throttles its calls: ${rule}. ${advice} with guard.setBudget(${quote(budget.id)}, …).`,
    scope: `budget:${budget.id}`,
    details: {
      budget: budget.id,
      key,
      maxDelayMs,
      retryAfterMs: waitMs === undefined ? null : Math.ceil(waitMs),
    },
  };
}

/** No more calls may wait. `by`: who throttles them, where it is no budget. */
export function lineIsFull(
  slowest: Paced | undefined,
  waitOf: (paced: Paced) => number,
  by: string | undefined,
): Refusal {
  if (slowest !== undefined) {
    const { id } = slowest.account.budget;
    const message = `budget ${quote(id)} throttles its calls, and no more of this guard may wait for their turn. Come back later, or raise the limit with guard.setBudget(${quote(id)}, …).`;
    return { ...tooLong(slowest, waitOf(slowest)), message };
  }
  return { ...noTurn(by), message: "too many calls wait for their turn already. Come back later." };
}

/** A turn did not come in time. `by`: who pulled the kill, unless it has just ended. */
export function noTurn(by: string | undefined, waitedMs: number = MAX_TURN_MS): Refusal {
  return {
    code: "BR4002",
    message: `a kill of level "throttle" lets one call through at a time, and ${waitedMs} ms were not enough for a turn. Come back later, or have the kill revived.`,
    scope: "kill",
    details: { maxDelayMs: waitedMs, retryAfterMs: MAX_TURN_MS, ...(by !== undefined && { by }) },
  };
}
