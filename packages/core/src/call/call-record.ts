import type { CallContext } from "../context/call-context.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { RefusalCode } from "../pipeline/refusal.ts";
import type { OutcomeClass } from "./outcome.ts";
import type { Usage } from "./usage.ts";

/** Why a call was made: for the agent, or by an evaluator that judges the agent. */
export type CallPurpose = "agent" | "evaluation";

/** The model that a caller asked for, and why it got another. */
export interface RequestedModel {
  readonly provider: string | undefined;
  readonly name: string;
  /** Of the other one in the hook's `models` option. */
  readonly key: string;
  readonly because: "downgrade" | "fallback";
}

/** What happened in one call, in numbers and names; content is never kept. */
export interface CallRecord {
  readonly id: string;
  readonly kind: "model" | "tool";
  readonly provider: string | undefined;
  readonly name: string;
  /** Canonical model id when the price book knows it. */
  readonly model: string | undefined;
  /** What was asked for, where a threshold or the breaker put another model in its place. */
  readonly requested: RequestedModel | undefined;
  readonly purpose: CallPurpose;
  readonly context: CallContext;
  /** Epoch milliseconds of `begin`. */
  readonly startedAtMs: number;
  /** From dispatch to the end: what a human's approval or held money cost is not in it. */
  readonly latencyMs: number;
  /** From dispatch to the first output that the hook reported. */
  readonly timeToFirstTokenMs: number | undefined;
  readonly outcome: OutcomeClass;
  /** Why the guard refused the call, or cut it; undefined otherwise. */
  readonly refusalCode: RefusalCode | undefined;
  /** How long the provider asked to stay away, with an error. */
  readonly retryAfterMs: number | undefined;
  readonly usage: Usage;
  /** `estimated` when the provider did not report usable usage and the reservation was charged. */
  readonly usageSource: "provider" | "estimated";
  /** What was wrong with the usage that the provider reported, if anything. */
  readonly usageAnomaly: string | undefined;
  /** Undefined when the price of the model is not known: never 0 for want of a price. */
  readonly costNanoUsd: number | undefined;
  readonly reservedNanoUsd: number;
  readonly priceVersion: string | undefined;
  /** `assumed` when the hook could not send an output limit to the provider. */
  readonly bound: "enforced" | "assumed" | "none";
  readonly evaluations: readonly EvaluationResult[];
}
