import { randomUUID } from "node:crypto";
import { type Clock, type Ids, systemClock, type Usage } from "@burnrate/core";
import { checkFunction, checkMethods, checkWholeNumber, optionError } from "@burnrate/core/adapter";
import { type AnswerCache, createAnswerCache, type JudgeCacheOptions } from "./answer-cache.ts";
import { checkBudget, type JudgeBudget } from "./judge-budget.ts";
import type { Asker, JudgeModel } from "./judge-model.ts";
import { toAsker } from "./to-asker.ts";

/** How a judge is asked; what `modelJudge` and `pairwise` share. */
export interface JudgeCallOptions {
  /**
   * Who judges: an AI SDK language model object (it has `doGenerate` and says `v2`, `v3` or `v4`),
   * a LangChain chat model (it has `invoke`), or a function. Wrap it in a guard to bill and limit
   * it.
   */
  readonly model: JudgeModel;
  /**
   * Names a model that does not say its id, such as a function: for the cache and `allowSameModel`.
   */
  readonly modelId?: string;
  /** How often a failed or unreadable answer is asked for again (default 1, at most 3). */
  readonly retries?: number;
  /** After which a question with all its retries is given up, and the model's call aborted. */
  readonly deadlineMs?: number;
  /** The longest text that is judged, each; longer is inconclusive, never cut (default 50,000). */
  readonly maxChars?: number;
  /** Keeps answers by a digest of all that was asked; `false` keeps none. */
  readonly cache?: JudgeCacheOptions | false;
  /** What may be spent in a window; over it is inconclusive. Without `priceOf` count calls. */
  readonly budget?: JudgeBudget;
  /** Dollars for a call's usage, where the model's reply has no price of its own. */
  readonly priceOf?: (usage: Usage) => number;
  /** How many questions are asked at a time (default 8); 1,000 more may wait. */
  readonly concurrency?: number;
  /** For deadlines, backoff, windows and the cache (default: the machine's clocks). */
  readonly clock?: Clock;
  /** Where nonces come from: nobody may guess them (default: random UUIDs). */
  readonly ids?: Ids;
}

/** The keys of {@link JudgeCallOptions}. */
export const JUDGE_CALL_KEYS: readonly (keyof JudgeCallOptions)[] = [
  "model",
  "modelId",
  "retries",
  "deadlineMs",
  "maxChars",
  "cache",
  "budget",
  "priceOf",
  "concurrency",
  "clock",
  "ids",
];

/** The same with every default filled in. */
export interface CheckedCallOptions {
  readonly asker: Asker;
  readonly retries: number;
  readonly deadlineMs: number;
  readonly maxChars: number;
  readonly cache: AnswerCache;
  readonly budget: JudgeBudget | undefined;
  readonly priceOf: ((usage: Usage) => number) | undefined;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly ids: Ids;
}

const MAX_CHARS = 1_000_000;
const RANDOM_IDS: Ids = { next: () => randomUUID() };

/**
 * Checks how a judge is asked.
 * @throws {ConfigError} `BR9001`
 */
export function checkCallOptions(
  path: string,
  options: JudgeCallOptions,
  deadline: { readonly usual: number; readonly max: number },
): CheckedCallOptions {
  const { clock = systemClock, ids = RANDOM_IDS, priceOf } = options;
  checkMethods(`${path}.clock`, clock, ["monotonicMs", "setTimer"]);
  checkMethods(`${path}.ids`, ids, ["next"]);
  if (priceOf !== undefined) checkFunction(`${path}.priceOf`, priceOf);
  const whole = (
    key: "retries" | "deadlineMs" | "maxChars" | "concurrency",
    usual: number,
    min: number,
    max: number,
  ) => checkWholeNumber(`${path}.${key}`, options[key] ?? usual, { min, max });
  return {
    asker: toAsker(`${path}.model`, options.model, options.modelId),
    retries: whole("retries", 1, 0, 3),
    deadlineMs: whole("deadlineMs", deadline.usual, 1, deadline.max),
    maxChars: whole("maxChars", 50_000, 1, MAX_CHARS),
    cache: createAnswerCache(`${path}.cache`, options.cache ?? {}, clock),
    budget: budgetOf(path, options),
    priceOf,
    concurrency: whole("concurrency", 8, 1, 1_000),
    clock,
    ids,
  };
}

function budgetOf(path: string, options: JudgeCallOptions): JudgeBudget | undefined {
  if (options.budget === undefined) return undefined;
  const budget = checkBudget(`${path}.budget`, options.budget);
  if (budget.usd === undefined || options.priceOf !== undefined) return budget;
  if (typeof options.model === "function") return budget; // its reply may have the price
  throw optionError(`${path}.priceOf`, undefined, "a function, for a budget in dollars");
}
