import type { Clock } from "@burnrate/core";
import { checkObject, checkWholeNumber, refuseUnknownKeys } from "@burnrate/core/adapter";
import type { Answer } from "./read-answer.ts";

/** How long answers are kept, and how many: digests, verdicts and reasons, in memory only. */
export interface JudgeCacheOptions {
  /** Least recently used ones go first (default 1,000). */
  readonly maxEntries?: number;
  /** Default one hour. */
  readonly ttlMs?: number;
}

/** Answers by the digest of what was asked. */
export interface AnswerCache {
  get(digest: string): Answer | undefined;
  set(digest: string, answer: Answer): void;
}

const NONE: AnswerCache = { get: () => undefined, set: () => {} };

/**
 * Makes a bounded cache, or none.
 * @throws {ConfigError} `BR9001`
 */
export function createAnswerCache(
  path: string,
  options: JudgeCacheOptions | false,
  clock: Clock,
): AnswerCache {
  if (options === false) return NONE;
  const given = checkObject(path, options);
  refuseUnknownKeys(path, given, ["maxEntries", "ttlMs"]);
  const { maxEntries = 1_000, ttlMs = 3_600_000 } = options;
  checkWholeNumber(`${path}.maxEntries`, maxEntries, { min: 1, max: 1_000_000 });
  checkWholeNumber(`${path}.ttlMs`, ttlMs, { min: 1 });
  const kept = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();
  return {
    get(digest) {
      const entry = kept.get(digest);
      if (entry === undefined) return undefined;
      kept.delete(digest);
      if (clock.monotonicMs() >= entry.untilMs) return undefined;
      kept.set(digest, entry); // a Map keeps the order of insertion: the first is the stalest
      return entry.answer;
    },
    set(digest, answer) {
      kept.delete(digest);
      const [stalest] = kept.size >= maxEntries ? kept.keys() : [];
      if (stalest !== undefined) kept.delete(stalest);
      kept.set(digest, { answer, untilMs: clock.monotonicMs() + ttlMs });
    },
  };
}
