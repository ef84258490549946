import type { BudgetUnit, StoreOutageRule } from "../ledger/ledger.ts";

/** Dimensions of the context (or of the call) that a budget can be split by. */
export type BudgetDimension =
  | "org"
  | "team"
  | "user"
  | "agent"
  | "session"
  | "task"
  | "tool"
  | "model"
  | "provider";

/** Words for windows in a budget string, and the simplest windows of a budget object. */
export type WindowName =
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "call"
  | "task"
  | "session"
  | "total";

/** A calendar window in an IANA time zone, half-open; weeks start on Monday. */
export interface CalendarWindow {
  readonly calendar: "day" | "week" | "month";
  readonly timeZone?: string;
}

/** Exactly one of the three. */
export type BudgetLimit =
  | { readonly usd: number }
  | { readonly tokens: number }
  | { readonly calls: number };

/**
 * Which calls a budget covers; all fields together. Model globs match the raw and the canonical id.
 */
export interface BudgetMatch {
  /** Calls of models, or of tools; both without it. */
  readonly kind?: "model" | "tool";
  /** A model id or glob (`*` only), raw or canonical. */
  readonly model?: string;
  /** A provider, or the server of a tool; or a glob. */
  readonly provider?: string;
  /** A tool's name or glob. */
  readonly tool?: string;
  /** As the context has it; no glob, like `team`, `user` and `environment`. */
  readonly org?: string;
  /** As the context has it. */
  readonly team?: string;
  /** As the context has it. */
  readonly user?: string;
  /** An agent path; its sub-agents are covered too. */
  readonly agent?: string;
  /** As the context has it. */
  readonly environment?: string;
  /** `evaluation` gives the evaluators' own model calls a budget of their own. */
  readonly purpose?: "agent" | "evaluation";
}

/**
 * What a threshold does. `alert`: an event. `{ downgrade: key }`: calls go to the model that their
 * hook's `models` option names so. `throttle`: calls are spread over what is left of the window.
 * `kill`: sticks until the window resets or a revive.
 */
export type ThresholdAction = "alert" | "throttle" | "kill" | { readonly downgrade: string };

/** What happens when `fraction` of the limit is spent. */
export interface BudgetThreshold {
  /** Of the limit, above 0 and up to 1. */
  readonly fraction: number;
  readonly do: ThresholdAction;
  /** Of `throttle`: a call that would wait longer is refused (default 30,000). */
  readonly maxDelayMs?: number;
}

/** A budget as an object; a string such as `"$5/day per org"` is short for one. */
export interface BudgetOptions {
  /** Names it in errors, events, `guard.setBudget` and the store; unique in a guard. */
  readonly id: string;
  /** What may be spent in one window; dollars up to 9,007,199. */
  readonly limit: BudgetLimit;
  /**
   * Minute and hour roll; day, week and month are calendar ones, in UTC unless it says otherwise.
   */
  readonly window: WindowName | CalendarWindow;
  /** An account of its own for each of these; calls without one share `(none)`. */
  readonly per?: BudgetDimension;
  /** Which calls it covers (default: all). */
  readonly match?: BudgetMatch;
  /** Default: alerts at 0.5, 0.75, 0.9 and 0.95. */
  readonly at?: readonly BudgetThreshold[];
  /**
   * What calls may do while a durable store does not answer. Default: `deny` for money, `use-lease`
   * for tokens and calls.
   */
  readonly onStoreOutage?: StoreOutageRule;
}

/** A checked budget. `limit` is in nano-dollars, tokens or calls. */
export interface Budget {
  readonly id: string;
  readonly unit: BudgetUnit;
  readonly limit: number;
  readonly window: BudgetWindow;
  readonly per: BudgetDimension | undefined;
  readonly match: BudgetMatch;
  readonly thresholds: readonly BudgetThreshold[];
  readonly onStoreOutage: StoreOutageRule;
}

/** A checked window. */
export type BudgetWindow =
  | { readonly kind: "rolling"; readonly name: "minute" | "hour"; readonly lengthMs: number }
  | {
      readonly kind: "calendar";
      readonly calendar: "day" | "week" | "month";
      readonly timeZone: string;
    }
  | { readonly kind: "call" }
  | { readonly kind: "task" }
  | { readonly kind: "session" }
  | { readonly kind: "total" };
