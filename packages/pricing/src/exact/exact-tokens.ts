import type { RateCard } from "@burnrate/core";
import { checkObject, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import { estimateInputTokens } from "../estimate/estimate-input-tokens.ts";
import type { InputEstimator } from "../estimate/input-estimator.ts";
import { measureInput } from "../estimate/measure-input.ts";
import { type EncodingName, encodingOf } from "./encoding-of.ts";
import { type CountTokens, ExactMeasure } from "./exact-measure.ts";

/** Who counts, and how long it may take. */
export interface ExactTokensOptions {
  /** `countTokens` of `gpt-tokenizer/encoding/o200k_base`: GPT-4o, 4.1, 5 and the o-series. */
  readonly o200k?: CountTokens;
  /** `countTokens` of `gpt-tokenizer/encoding/cl100k_base`: GPT-4, 3.5 and embeddings. */
  readonly cl100k?: CountTokens;
  /**
   * The most characters that are tokenized for one call (16,384). Longer texts, and what a call has
   * beyond this, count by their bytes: a tokenizer works on the thread that everything else runs
   * on.
   */
  readonly maxTextLength?: number;
}

const ENCODINGS: readonly EncodingName[] = ["o200k", "cl100k"];
const OPTIONS = [...ENCODINGS, "maxTextLength"];
const MAX_TEXT_LENGTH = 16_384;

/**
 * Estimates the input of OpenAI's models with their own tokenizer, so that a call reserves about
 * what it will cost rather than four times as much. Models of others keep the byte bound, for their
 * tokenizers are not public; so do images and files, which count by constants. The tokenizer is the
 * application's, for an encoding is 2 MB of data that takes a quarter of a second to load.
 *
 * @throws {ConfigError} `BR9001` when no encoding is given, or an option is wrong.
 *
 * @example
 * import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
 *
 * const prices = createPriceBook({ estimator: exactTokens({ o200k: countTokens }) });
 */
export function exactTokens(options: ExactTokensOptions): InputEstimator {
  const checked = checkObject("exactTokens options", options ?? {});
  refuseUnknownKeys("exactTokens", checked, OPTIONS);
  const maxLength = readLength(checked["maxTextLength"] ?? MAX_TEXT_LENGTH);
  const measures = new Map<EncodingName, ExactMeasure>();
  for (const name of ENCODINGS) {
    const count = readCount(name, checked[name]);
    if (count !== undefined) measures.set(name, new ExactMeasure(count, maxLength));
  }
  if (measures.size === 0) throw missingEncoding(options);

  return Object.freeze({
    estimateInputTokens(input: unknown, model?: RateCard): number {
      const encoding = model && encodingOf(model);
      const measure = encoding && measures.get(encoding);
      if (measure === undefined) return estimateInputTokens(input);
      measure.start();
      return measureInput(input, measure);
    },
  });
}

function readCount(name: EncodingName, count: unknown): CountTokens | undefined {
  if (count === undefined) return undefined;
  if (typeof count === "function") return count as CountTokens;
  throw optionError(`exactTokens.${name}`, count, expectedCount(name));
}

function missingEncoding(options: unknown): Error {
  return optionError("exactTokens options", options, `given o200k, ${expectedCount("o200k")}`);
}

function expectedCount(name: EncodingName): string {
  return `a function that counts the tokens of a text, such as countTokens of "gpt-tokenizer/encoding/${name}_base" (npm install gpt-tokenizer)`;
}

function readLength(length: unknown): number {
  if (typeof length === "number" && Number.isSafeInteger(length) && length > 0) return length;
  throw optionError("exactTokens.maxTextLength", length, "a whole number of characters above 0");
}
