import type { GuardErrorCode } from "../errors/guard-error.ts";

/**
 * How an event counts: the ratio of an indicator is good ÷ (good + bad), and what is `excluded`
 * is reported but never judged.
 */
export type SliOutcome = "good" | "bad" | "excluded";

/** Indicators of the guard itself whose every event is good, bad or excluded. */
export type CountedSli =
  | "task_success"
  | "call_success"
  | "tool_call_success"
  | "policy_compliance";

/** The verdicts of one evaluator. */
export type EvaluationSli = `eval:${string}`;

/**
 * Indicators whose events carry a value. Which values are good is for an objective's threshold to
 * say, so every event of these is emitted as `good`; a call without a measurement emits none.
 * Milliseconds, except `cost_per_task` (nano-dollars) and `delegation_depth` (agents above).
 */
export type MeasuredSli =
  | "latency"
  | "time_to_first_token"
  | "task_duration"
  | "cost_per_task"
  | "delegation_depth";

/** Everything that the guard measures about an agent. */
export type SliName = CountedSli | EvaluationSli | MeasuredSli;

/** Whose events a series holds: an agent's tasks, its calls of one model, or of one tool. */
export interface SeriesNames {
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly tool: string | undefined;
}

/** What calls of a task waited for their turn under a kill of level `throttle`. */
export interface TurnWait {
  readonly ms: number;
  /** Who pulled it; of several the one who made it wait longest. */
  readonly by: string;
}

/** One event as listeners (objectives, exporters) receive it: numbers and names, never content. */
export interface SliEvent extends SeriesNames {
  readonly sli: SliName;
  readonly outcome: SliOutcome;
  /** Milliseconds, nano-dollars or a depth for measured indicators; undefined for the others. */
  readonly value: number | undefined;
  readonly source: "guard";
  /** Of `task_success`: the code of our error that ended the task. */
  readonly endedBy?: GuardErrorCode | undefined;
  /** The same: who pulled the kill, or forced the circuit open, that refused it. */
  readonly refusedBy?: string | undefined;
  /** Of `task_duration`: how much of it was waiting, if any was. */
  readonly throttled?: TurnWait | undefined;
  /** Epoch milliseconds at which it was known. */
  readonly atMs: number;
}

/** The indicators of a guard, for objectives and exporters. */
export interface SliSource {
  /** Calls back for every event from now on; returns a function that stops it. */
  subscribe(listener: SliListener): () => void;
}

/** Receives events as they happen, synchronously: it must be quick. What it throws is counted. */
export type SliListener = (event: SliEvent) => void;
