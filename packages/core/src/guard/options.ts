import type { BreakerOptions } from "../breaker/breaker.ts";
import type { BudgetOptions } from "../budget/budget.ts";
import type { Evaluator } from "../evaluate/evaluator.ts";
import type { Journal } from "../journal/journal.ts";
import type { LimitOptions, LimitsOptions } from "../limits/limit.ts";
import type { AuditSink, Authorize } from "../ports/authorize.ts";
import type { Clock } from "../ports/clock.ts";
import type { Exporter } from "../ports/exporter.ts";
import type { Gate, Policy } from "../ports/gate.ts";
import type { Ids } from "../ports/ids.ts";
import type { KillSource } from "../ports/kill-source.ts";
import type { PriceBook } from "../ports/price-book.ts";
import type { Store } from "../ports/store.ts";

/**
 * What happens to a model without a price while a money budget applies. `deny` refuses it,
 * `ceiling` charges its provider's dearest model, `tokens-only` lets budgets in tokens or calls
 * bound it, `allowFree` names models (globs) that cost nothing.
 */
export type OnUnknownPrice =
  | "deny"
  | "ceiling"
  | "tokens-only"
  | { readonly allowFree: readonly string[] };

/** How long a reservation that nothing ends is kept. */
export interface ReservationOptions {
  /**
   * What is reserved for a stream whose hook reports its progress: all that it may use (`whole`,
   * the default), or its input and one step of output at a time (`incremental`). More calls run
   * side by side then; a stream that finds no more money is cut, and may overshoot by what the
   * provider sends until it notices.
   */
  readonly mode?: "whole" | "incremental";
  /** Output tokens of one step (default 1,024). */
  readonly stepTokens?: number;
  /** Not dispatched: given back after this long (default 60,000). */
  readonly undispatchedTtlMs?: number;
  /** Dispatched and silent: charged as unknown after this long (default 600,000). */
  readonly dispatchedTtlMs?: number;
  /** Output bound when neither the request nor the model says one (default 16,384). */
  readonly defaultMaxOutputTokens?: number;
  /** A bound below this is refused rather than sent (default 256). */
  readonly minOutputTokens?: number;
}

/** Options of `createGuard`; every one is optional, unknown ones are refused. */
export interface GuardOptions {
  /** What may be spent, as text (`"$5/day per org"`) or objects: at most 1,000 (default none). */
  readonly budgets?: readonly (string | BudgetOptions)[];
  /** What models cost (default: nothing is known, so a money budget refuses every model). */
  readonly prices?: PriceBook;
  /** Where balances and kills live; in memory when absent or `"memory"`. */
  readonly store?: Store | "memory";
  /**
   * Notes what is spent before the store hears of it, so that after a crash only calls that were in
   * flight are charged as unknown. With `"none"` (default) all that the process had leased is. For
   * durable stores; in memory there is nothing to keep.
   */
  readonly journal?: Journal | "none";
  /**
   * Rates, calls at once, calls for each session and task, as text (`"60/minute per user"`) or
   * objects. Delegation depth and repeated tool calls are watched without it, too.
   */
  readonly limits?: readonly (string | LimitOptions)[] | LimitsOptions | Gate;
  /** Stops calling what fails beyond doubt; `true` for the defaults. Off when absent. */
  readonly breaker?: true | BreakerOptions | Gate;
  /** Decides about each call; anything but `allow`, and an error, refuses with `BR3001`. */
  readonly policy?: Policy;
  /** Judge results of calls and tasks: at most 100, with different names. */
  readonly evaluators?: readonly Evaluator[];
  /** Get the record of every call after the fact; what they throw is counted. */
  readonly exporters?: readonly Exporter[];
  /** Keeps who changed what is allowed, and why; entries that it refuses are counted. */
  readonly audit?: AuditSink;
  /** Who may kill, revive, change limits and the like (default: everyone). */
  readonly authorize?: Authorize;
  /** What else can stop this process, though store and network are down. */
  readonly killSources?: readonly KillSource[];
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /** Names calls, tasks and kills; unique over all processes of a store (default: random). */
  readonly ids?: Ids;
  /** What a model without a price does while a money budget applies (default `deny`). */
  readonly onUnknownPrice?: OnUnknownPrice;
  /**
   * What a call does that would fit if nothing were held (default `refuse`). `wait`: for its turn,
   * 30 seconds at most.
   */
  readonly onHeld?: "refuse" | "wait";
  /** What a call without usage is charged (default `reservation`). */
  readonly onMissingUsage?: "reservation" | "observed";
  /** What a call does whose hook cannot send an output limit (default `assume`). */
  readonly onUnboundedOutput?: "assume" | "refuse";
  /** A text is short for the mode: `"incremental"` for `{ mode: "incremental" }`. */
  readonly reservation?: "whole" | "incremental" | ReservationOptions;
}
