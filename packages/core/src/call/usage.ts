/**
 * What a provider says that a call used, in tokens (and in the units below where it bills those).
 * `inputTokens` includes cached reads and writes, `outputTokens` includes reasoning: the details
 * are subsets, never additions.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  readonly cacheWrite5mTokens?: number;
  readonly cacheWrite1hTokens?: number;
  readonly reasoningTokens?: number;
  readonly audioInputTokens?: number;
  readonly audioOutputTokens?: number;
  readonly audioCacheReadTokens?: number;
  readonly imageInputTokens?: number;
  readonly imageOutputTokens?: number;
  /** Whole images generated, where the provider bills by image. */
  readonly images?: number;
  /** Seconds of audio or video, where the provider bills by time. May be a fraction. */
  readonly seconds?: number;
  /** Characters of text that were spoken, where the provider bills by character. */
  readonly characters?: number;
  /** Search units of a ranking, where the provider bills by them. */
  readonly searchUnits?: number;
}

/** What is billed beside tokens, or in their place. */
export type UnitName = "images" | "seconds" | "characters" | "searchUnits";

/**
 * What a provider says that counts no tokens. Whether its price is by token is not the hook's to
 * know: tokens are charged as reserved, which costs nothing where they have no price.
 */
export interface UnitUsage extends Pick<Usage, UnitName> {
  readonly inputTokens?: never;
  readonly outputTokens?: never;
}

/** Usage as a hook reports it. */
export type ReportedUsage = Usage | UnitUsage;

/** Nothing was used: an answer from a cache, or a request that the provider refused. */
export const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });
