/**
 * What a provider says that a call used, in tokens (and seconds or images where it bills those).
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
}

/** Nothing was used: an answer from a cache, or a request that the provider refused. */
export const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0 });
