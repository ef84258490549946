import type { CallEstimate } from "../call/call-request.ts";
import { optionError, unknownKeyError } from "../config/option-error.ts";

/**
 * All that an estimate may say: the compiler refuses a list that lacks a key, or has one too many.
 */
const KEYS: Readonly<Record<keyof CallEstimate, true>> = {
  inputTokens: true,
  maxOutputTokens: true,
  addedOutputTokens: true,
  usd: true,
  images: true,
  seconds: true,
  characters: true,
  searchUnits: true,
  audioInputTokens: true,
  imageInputTokens: true,
};

const NAMES: ReadonlySet<string> = new Set(Object.keys(KEYS));

/**
 * Refuses a misspelt bound, which would otherwise reserve what the guard assumes in its place, and an
 * impossible one, also where no budget asks for it: it would be refused on the day of the first.
 * @throws {ConfigError} `BR9001` naming the nearest valid key.
 */
export function checkEstimate(estimate: CallEstimate): void {
  if (typeof estimate !== "object" || estimate === null) {
    throw optionError("request.estimate", estimate, "an object");
  }
  for (const key in estimate) {
    if (key === "inputTokens" || key === "maxOutputTokens" || key === "addedOutputTokens") {
      const tokens = estimate[key]; // no hash for the usual ones
      if (tokens !== undefined) checkTokens(`estimate.${key}`, tokens);
      continue;
    }
    if (NAMES.has(key) || estimate[key as keyof CallEstimate] === undefined) continue;
    throw unknownKeyError("request.estimate", key, [...NAMES]);
  }
}

/** @throws {ConfigError} `BR9001` */
export function checkTokens(path: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw optionError(path, value, "a whole number of tokens, 0 or more");
}
