import type { BudgetMatch } from "../budget/budget.ts";

/** What `per` can split a limit by: the context, the model or tool called, or the task. */
export type LimitDimension =
  | "org"
  | "team"
  | "user"
  | "agent"
  | "session"
  | "task"
  | "tool"
  | "model"
  | "provider";

/** Periods of a rate. */
export type RatePeriod = "second" | "minute" | "hour" | "day";

/** So many calls in a period, smoothed: places come back one by one, not all at its end. */
export interface LimitRate {
  readonly calls: number;
  readonly per: RatePeriod;
  /** Most calls at one instant (default: `calls`). */
  readonly burst?: number;
}

/**
 * A limit as an object; a text such as `"60/minute per user"` is short for one. Exactly one of
 * `rate`, `concurrency`, `calls` and `steps`.
 */
export interface LimitOptions {
  /** Names the limit in refusals (default: what it would be as a text). */
  readonly id?: string;
  /** Which calls it covers (default: all of agents, none of evaluators). */
  readonly match?: BudgetMatch;
  /**
   * Splits it; several together, so that `["session", "tool"]` counts each tool of each session.
   */
  readonly per?: LimitDimension | readonly LimitDimension[];
  /** So many calls in a period. */
  readonly rate?: LimitRate;
  /** Most calls in flight. */
  readonly concurrency?: number;
  /** Most calls in a session or task; `per` says which. A task idle for 24 hours begins anew. */
  readonly calls?: number;
  /** Most model calls in a task. One idle for 24 hours begins anew. */
  readonly steps?: number;
  /** A session that made no call for so long begins anew (default 24 hours). With `calls` only. */
  readonly ttlMs?: number;
}

/** Repeated identical tool calls: the same tool with the same arguments in one task. */
export interface RepeatedToolCallOptions {
  /** The one that raises `loop-detected` (default 25). */
  readonly alertAt?: number;
  /** The one that is refused, and with it every later call of the task (default: none). */
  readonly refuseAt?: number;
}

/** Options of `createLimits`. */
export interface LimitsOptions {
  /** Limits as text (`"60/minute per user"`, `"4 at once per agent"`) or objects. */
  readonly rules?: readonly (string | LimitOptions)[];
  /** Most agents above the one that calls (default 16). */
  readonly maxDelegationDepth?: number;
  /** When identical tool calls of a task are told and refused (default: told at 25). */
  readonly repeatedToolCall?: RepeatedToolCallOptions;
}

/** A checked limit without its name. */
export type LimitKind =
  | {
      readonly kind: "rate";
      readonly calls: number;
      readonly period: RatePeriod;
      readonly burst: number;
    }
  | { readonly kind: "concurrency"; readonly most: number }
  | { readonly kind: "calls" | "steps"; readonly most: number; readonly ttlMs: number };

/** A checked limit. */
export interface Limit {
  readonly id: string;
  readonly what: LimitKind;
  readonly per: readonly LimitDimension[];
  readonly match: BudgetMatch;
}

/** Checked options of `createLimits`. */
export interface CheckedLimits {
  readonly rules: readonly Limit[];
  readonly maxDelegationDepth: number;
  readonly alertAt: number;
  /** Infinite when nothing is refused. */
  readonly refuseAt: number;
}

/** Lengths of the periods. */
export const PERIODS_MS: Readonly<Record<RatePeriod, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
