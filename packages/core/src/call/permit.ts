import type { HoldBackRule } from "../evaluate/hold-back.ts";
import type { GivenSource } from "../evaluate/source.ts";
import type { CallRecord } from "./call-record.ts";
import type { ReportedUsage } from "./usage.ts";

/** What a hook reports when a call ended with an answer. */
export interface CallResult {
  /** As the provider reported it; absent or unusable usage is charged at the full reservation. */
  readonly usage?: ReportedUsage;
  /**
   * Handed to evaluators and then forgotten. Hooks may leave it out when `permit.wantsOutput` is
   * false.
   */
  readonly output?: unknown;
  /**
   * What the call brought that answers may rely on, where the hook knows it: documents of a tool's
   * result, pages that a model cites. Of a tool it is else the whole output. Left out when
   * `permit.wantsSources` is false.
   */
  readonly sources?: readonly GivenSource[];
  /** Default `success`. `cached`: the framework had the answer already, nothing is charged. */
  readonly outcome?: "success" | "tool-error" | "cached";
}

/** What a hook reports when a call ended without an answer. */
export interface CallFailure {
  readonly usage?: ReportedUsage;
  /** The consumer walked away from a stream: charged, but nobody's error. */
  readonly abandoned?: boolean;
  /**
   * How long the provider asks to stay away. Left out, it is read from the error's headers
   * (`Retry-After`).
   */
  readonly retryAfterMs?: number;
}

/** How far a stream has come; figures are cumulative. */
export interface CallProgress {
  readonly outputTokens?: number;
  readonly inputTokens?: number;
}

/**
 * Permission for one call, with the money for it held. The first of `settle`, `fail` and `release`
 * counts; later ones change nothing and resolve to the same record.
 */
export interface Permit {
  readonly id: string;
  /**
   * Fires when a kill of level `abort` matches, when a stream that is reserved in steps finds no
   * money for the next one or is refused by an evaluator (its reason is our error then), and when
   * the caller's own signal fires. Pass it to the provider and look at `aborted` on each chunk.
   */
  readonly signal: AbortSignal;
  /** What the hook must send as the output limit; undefined when no budget needs one. */
  readonly maxOutputTokens: number | undefined;
  /** The key in `request.models` of the model to call; undefined for the one that was asked for. */
  readonly substitute: string | undefined;
  /**
   * Whether an evaluator will look at the output, or rely on it later; when false, a hook need not
   * collect it.
   */
  readonly wantsOutput: boolean;
  /** Whether `sources` are of use to anybody. */
  readonly wantsSources: boolean;
  /**
   * What a stream must not hand on before it was judged; undefined when nothing. With figures of
   * characters, a hook asks for a {@link Permit.review} each time so many have come.
   */
  readonly holdsBack: HoldBackRule | undefined;
  /**
   * Judges the output of a stream as far as it came. Resolves to whether that may be handed on; if
   * not, it stays held until later text, or the end, is judged. A refusal cuts the call: `signal`
   * fires with the `EvaluationFailedError` (`BR6001`). Never rejects.
   */
  review(outputSoFar: unknown): Promise<boolean>;
  /**
   * Call right before sending: from here on the provider may bill, and expiry charges.
   * @throws {KilledError} `BR1001` when a kill arrived since `begin`; the money is given back.
   * @throws {PolicyDeniedError} `BR3001` when the policy's permission ended since; the same.
   * @throws {BudgetExceededError} `BR2001` when the reservation expired before it was used.
   */
  dispatched(): void;
  /**
   * Reports a stream's progress; the first output marks the time to first token. Without figures it
   * is a sign of life, which keeps the sweeper away. Never throws.
   */
  progress(progress: CallProgress): void;
  /** @throws {EvaluationFailedError} `BR6001`, after the money is committed. */
  settle(result?: CallResult): Promise<CallRecord>;
  /** Ends a call that brought an error. Never throws. */
  fail(error: unknown, failure?: CallFailure): Promise<CallRecord>;
  /** Ends a call that was never sent: everything held is given back. */
  release(): Promise<CallRecord>;
}
