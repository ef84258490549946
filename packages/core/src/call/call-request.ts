import type { OpenTask } from "../task/task.ts";
import type { UnitBounds } from "./unit-bounds.ts";

/** What a hook knows before it sends a call; everything but `kind` and `name` is optional. */
export interface CallRequest {
  /** A model call spends tokens, a tool call what its `estimate.usd` says. */
  readonly kind: "model" | "tool";
  /** Model provider (`openai`), or the MCP server that owns the tool. */
  readonly provider?: string;
  /** Model id or tool name, as the framework gives it. */
  readonly name: string;
  /** Prompt or arguments. Read by the estimator, policy and evaluators; never kept. */
  readonly input?: unknown;
  /**
   * Names the call for all of its attempts, in whatever process: budgets hold and charge it once.
   * For attempts that the provider bills once, because they carry its own idempotency key. The same
   * key of another org, provider or model names another call. An attempt that costs nothing,
   * because it never arrived or was refused, counts for nothing: the next one is charged. The
   * money is held until one of them is charged, or the last has given it back. What is held is not
   * lowered to what a budget has left, so that it is the same for all: it fits, or is refused.
   * Remembered for ten minutes at least.
   */
  readonly idempotencyKey?: string;
  /** The caller's own signal: honoured in every wait, and joined into `permit.signal`. */
  readonly signal?: AbortSignal;
  /** What it may use at most, believed as stated; what is left out is estimated from `input`. */
  readonly estimate?: CallEstimate;
  /**
   * Whether the hook sends `permit.maxOutputTokens` to the provider (default `enforced`). A hook
   * that cannot reserves the same figure as `assumed`, outside the no-overshoot guarantee.
   */
  readonly bound?: "enforced" | "assumed";
  /**
   * Models that the hook can call in the place of this one, by key: for thresholds that downgrade
   * and for fallbacks of the breaker. It calls the one that `permit.substitute` names.
   */
  readonly models?: Readonly<Record<string, SubstituteModel>>;
  /** Whether the hook reports the call's progress as it comes: then it may be reserved in steps. */
  readonly streams?: boolean;
  /** Whether the tool may be called twice without harm: then the breaker may probe with it. */
  readonly idempotent?: boolean;
  /** The task of a framework run, for hooks that cannot run it inside `guard.task`. */
  readonly task?: OpenTask;
}

/** A model that a hook can call in the place of another. */
export interface SubstituteModel {
  readonly provider?: string;
  readonly name: string;
}

/** What a call may use at most. */
export interface CallEstimate extends UnitBounds {
  /** Upper bound of input tokens; estimated from `input` when absent. */
  readonly inputTokens?: number;
  /** The limit that the request already carries: reserved whole, or refused. */
  readonly maxOutputTokens?: number;
  /**
   * Output that whatever sends the call allows beyond the limit that it is given, such as thinking:
   * reserved on top of that, and not in `permit.maxOutputTokens`.
   */
  readonly addedOutputTokens?: number;
  /** Flat price of a tool call in dollars. */
  readonly usd?: number;
}
