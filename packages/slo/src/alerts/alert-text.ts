import { durationWords, roughly } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { windowWords } from "../objective/objective-window.ts";
import type { BurnRule } from "./burn-rule.ts";

/** What a rule waits for, while it does not fire. */
export function quietText(objective: Objective, rule: BurnRule): string {
  const share = Number((rule.threshold * 100).toPrecision(3));
  const { plural } = nounOf(objective);
  return `Quiet. It fires while more than ${share} % of ${plural} are bad in the last ${durationWords(rule.longMs)} and in the last ${durationWords(rule.shortMs)}.`;
}

/** What is wrong, how much of it, and when the budget is gone at this pace. */
export function firingText(
  objective: Objective,
  rule: BurnRule,
  bad: number,
  total: number,
): string {
  const budgetLasts = objective.window.lengthMs / (bad / total / objective.target.budget);
  const budget = `the ${windowWords(objective.window)} budget`;
  return `At this pace ${budget} is gone in ${roughly(budgetLasts)}: ${whatHappened(objective, bad, total)} in the last ${durationWords(rule.longMs)}.`;
}

/** Of a rule that fires because nothing was measured. */
export function silentText(objective: Objective, rule: BurnRule): string {
  const { plural } = nounOf(objective);
  return `Nothing was measured in the last ${durationWords(rule.longMs)}, so that nobody knows how ${plural} do.`;
}

/** The text of a target of 100 %. */
export function zeroToleranceText(objective: Objective, bad: number, total: number): string {
  const { plural } = nounOf(objective);
  if (bad === 0) return `Quiet. It fires on the first bad one of all ${plural}.`;
  return `None may be bad: ${whatHappened(objective, bad, total)} in the last hour.`;
}

/** `37 of 120 tasks failed`. */
export function whatHappened(objective: Objective, bad: number, total: number): string {
  const { singular, plural, verb } = nounOf(objective);
  const count = bad < 10 ? Number(bad.toPrecision(2)) : Number(bad.toFixed(1));
  const happened = verb === WERE_BAD && count === 1 ? WAS_BAD : verb;
  return `${count} of ${total} ${total === 1 ? singular : plural} ${happened}`;
}

const WERE_BAD = "were bad";
const WAS_BAD = "was bad";

interface Noun {
  readonly singular: string;
  readonly plural: string;
  readonly verb: string;
}

const NOUNS: ReadonlyMap<string, Noun> = new Map([
  ["task_success", { singular: "task", plural: "tasks", verb: "failed" }],
  ["call_success", { singular: "model call", plural: "model calls", verb: "failed" }],
  ["tool_call_success", { singular: "tool call", plural: "tool calls", verb: "failed" }],
  ["policy_compliance", { singular: "call", plural: "calls", verb: "broke policy" }],
  ["latency", { singular: "call", plural: "calls", verb: "took too long" }],
  ["time_to_first_token", { singular: "call", plural: "calls", verb: "began too late" }],
  ["task_duration", { singular: "task", plural: "tasks", verb: "took too long" }],
  ["cost_per_task", { singular: "task", plural: "tasks", verb: "cost too much" }],
  ["delegation_depth", { singular: "task", plural: "tasks", verb: "went too deep" }],
]);

function nounOf({ sli, method }: Objective): Noun {
  if (method.kind !== "occurrences") {
    const length = durationWords(method.sliceMs).replace(" ", "-").replace(/s$/, "");
    return { singular: `${length} slice`, plural: `${length} slices`, verb: WERE_BAD };
  }
  const known = NOUNS.get(sli);
  if (known !== undefined) return known;
  const name = sli.startsWith("eval:") ? sli.slice("eval:".length) : sli;
  return { singular: `${name} event`, plural: `${name} events`, verb: WERE_BAD };
}
