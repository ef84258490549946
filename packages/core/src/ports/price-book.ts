import type { UnitBounds } from "../call/unit-bounds.ts";
import type { Usage } from "../call/usage.ts";

/**
 * One model's price at one date, resolved once and reused for each call. All money is whole
 * nano-dollars, rounded up once a call.
 */
export interface RateCard {
  /** Canonical provider, such as `openai` for `openai.chat`. */
  readonly provider: string;
  /** Canonical model id, such as `gpt-5` for `gpt-5-2025-08-07`. */
  readonly model: string;
  /** First instant (epoch ms) at which this card is no longer valid; resolve again then. */
  readonly validUntilMs?: number;
  /** The most output tokens that the model can produce in one call, when known. */
  readonly maxOutputTokens?: number;
  /** The most input tokens that the model accepts, when known. */
  readonly maxInputTokens?: number;
  /** What this usage costs. The usage has been checked: finite, whole, non-negative. */
  cost(usage: Usage): number;
  /**
   * An upper bound for a call that has not happened: every input token at the dearest input rate
   * that can apply (also cache writes), every output token at the dearest output rate, the tier
   * chosen by the bound; images, seconds, characters and search units as `units` bounds them.
   */
  ceiling(inputTokens: number, outputTokens: number, units?: UnitBounds): number;
  /**
   * The most output tokens whose `ceiling` stays within `nanoUsd`; 0 or less when not even the
   * input fits.
   */
  affordableOutputTokens(inputTokens: number, nanoUsd: number, units?: UnitBounds): number;
}

/** Where prices come from. `@burnrate/pricing` has the one with real data. */
export interface PriceBook {
  /** Names the set of prices in use; kept on every call record. */
  readonly version: string;
  /** The card for an exact model id or a dated snapshot of it; undefined when it is unknown. */
  resolve(provider: string, model: string, atMs: number): RateCard | undefined;
  /**
   * What `RateCard.provider` is for a provider's models, also for one that has no card: `google`
   * for `google.vertex.chat`. Without it kills, budgets and limits of a provider know models without
   * a price only by the framework's name.
   */
  canonicalProvider?(provider: string): string;
  /**
   * The dearest card of a provider (or of all, when it is unknown too), for
   * `onUnknownPrice: "ceiling"`.
   */
  dearest(provider: string, atMs: number): RateCard | undefined;
  /**
   * What is reserved for the tokens of a request's input (messages, tools, images, files): an upper
   * bound, unless the application chose another estimator. `model`: its card, when it is known.
   */
  estimateInputTokens(input: unknown, model?: RateCard): number;
  /**
   * Says what `estimateInputTokens` answered for a call, and what the provider then counted, so
   * that an estimator can learn. Called at most once a call, when it has succeeded; what it throws
   * is ignored.
   */
  observe?(model: RateCard, estimatedTokens: number, inputTokens: number): void;
}
