import type { Objective } from "../objective/objective.ts";
import { isGood } from "../objective/threshold.ts";
import { STOPS_CALLS } from "./action-state.ts";
import { isActor } from "./guard-hand.ts";
import type { JudgedEvent } from "./sample.ts";

/** Of these alone an event says that an action refused it, or made it wait. */
const OF_TASKS: readonly string[] = ["task_success", "task_duration"];

/** What an event is to an objective. */
export function judge(
  { threshold }: Objective,
  { outcome, value }: JudgedEvent,
): "good" | "bad" | "excluded" {
  const isMeasured = threshold !== undefined && value !== undefined && outcome !== "excluded";
  if (isMeasured) return isGood(threshold, value) ? "good" : "bad";
  return outcome === "unjudged" ? "excluded" : outcome;
}

/** Whether a bad event would not be, but for what an action of any objective does. */
export function isDoneByAction(
  { threshold }: Objective,
  { refusedBy, throttled, value }: JudgedEvent,
): boolean {
  if (isActor(refusedBy)) return true;
  if (threshold === undefined || value === undefined) return false;
  return isActor(throttled?.by) && isGood(threshold, value - (throttled?.ms ?? 0));
}

/**
 * Whether it has to know what it would be without what actions refuse, before it stops calls here,
 * or in any of the processes that share its counts: these may have other actions.
 */
export function mindsRefusals({ sli, actions }: Objective, isShared: boolean): boolean {
  if (!OF_TASKS.includes(sli)) return false;
  return isShared || actions.some((action) => STOPS_CALLS.includes(action.do));
}
