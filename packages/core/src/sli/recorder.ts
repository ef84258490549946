import type { CallPurpose, CallRecord } from "../call/call-record.ts";
import type { CallContext } from "../context/call-context.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { RefusalCode } from "../pipeline/refusal.ts";
import type { ExponentialBuckets } from "./exponential-histogram.ts";
import type { MetricsSnapshot } from "./metrics-snapshot.ts";
import type { SeriesNames, SliListener, SliOutcome, TurnWait } from "./sli.ts";
import type { DistributionSli } from "./sli-series.ts";

/** A call that the guard refused. */
export interface RefusedCall {
  readonly kind: "model" | "tool";
  readonly name: string;
  /** Canonical model id when known. */
  readonly model?: string | undefined;
  readonly context: CallContext;
  readonly code: RefusalCode;
  /** Default `agent`. */
  readonly purpose?: CallPurpose;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A task that ended. Whether a refusal ended it, and what that means, is for the task to say. */
export interface EndedTask {
  readonly context: CallContext;
  readonly outcome: SliOutcome;
  /** Our error that ended it. */
  readonly endedBy?: GuardError | undefined;
  /** What its calls waited for their turn. */
  readonly throttled?: TurnWait | undefined;
  /** What the calls in it cost together; undefined when one of them has no known price. */
  readonly costNanoUsd: number | undefined;
  readonly durationMs: number;
  /** How many agents are above this one. */
  readonly depth: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** An evaluator's verdict on a call, or on a task. */
export interface JudgedResult {
  readonly kind: "model" | "tool" | "task";
  /** Model or tool; left out for a task. */
  readonly name?: string | undefined;
  /** Canonical model id when known. */
  readonly model?: string | undefined;
  readonly context: CallContext;
  readonly result: EvaluationResult;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** The buckets of one histogram, for exporters. */
export interface SeriesHistogram extends SeriesNames {
  readonly sli: DistributionSli;
  readonly unit: "ms" | "nanoUsd";
  readonly buckets: ExponentialBuckets;
}

/**
 * Turns what happened into service-level indicators: good, bad and excluded events, and
 * distributions, for every agent and what it uses. Constant time and bounded memory, whatever names
 * arrive; never throws on the call path.
 */
export interface SliRecorder {
  /** Whether anybody is called back: otherwise nobody asks when something happened. */
  readonly isHeard: boolean;
  /**
   * Counts a settled call. Its evaluations are counted by `recordEvaluation` only. `atMs`, in epoch
   * milliseconds, is when it ended, where it had waited before it was sent.
   */
  recordCall(record: CallRecord, atMs?: number): void;
  /** Counts a refused call: excluded from success, bad for policy compliance if policy refused. */
  recordRefusal(refused: RefusedCall): void;
  recordTask(ended: EndedTask): void;
  /** Counts a verdict, whether inline or background: once each. */
  recordEvaluation(judged: JudgedResult): void;
  /** Calls back for every event from now on; returns a function that stops it. */
  subscribe(listener: SliListener): () => void;
  /** Everything since the recorder was made, as plain data. */
  snapshot(): MetricsSnapshot;
  /** The buckets behind the summaries, which the snapshot leaves out. */
  histograms(): readonly SeriesHistogram[];
}
