import { compileGlob } from "../budget/glob.ts";
import { isForeignGlob } from "../budget/scope-field.ts";
import {
  checkArray,
  checkBoolean,
  checkFunction,
  checkMethods,
  checkObject,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { BreakerOptions } from "./breaker.ts";
import { MAX_COUNTED } from "./call-windows.ts";
import { checkFallbacks, type Fallbacks } from "./check-fallbacks.ts";
import { compileEvidence } from "./evidence.ts";

const DEFAULTS = {
  failureRate: 0.25,
  slowRate: 0.25,
  windowMs: 600_000,
  minCalls: 5,
  openMs: 30_000,
  maxOpenMs: 300_000,
  probes: 3,
  maxPauseMs: 300_000,
} as const;
const KEYS: readonly (keyof BreakerOptions)[] = [
  ...(Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]),
  "slowCallMs",
  "countToolErrors",
  "idempotentTools",
  "fallbacks",
  "clock",
  "random",
];
/** A circuit of fewer calls than this in a window would never open: 1,000 failures are evidence. */
const MAX_MIN_CALLS = 1_000;
/** Of a higher rate not even some hundred failures in a row would be evidence. */
const MAX_RATE = 0.99;
const DAY_MS = 86_400_000;
const BOUNDS = {
  windowMs: { min: 1_000, max: DAY_MS },
  minCalls: { min: 1, max: MAX_MIN_CALLS },
  openMs: { min: 1, max: DAY_MS },
  maxOpenMs: { min: 1, max: DAY_MS },
  probes: { min: 1, max: 100 },
  maxPauseMs: { min: 1, max: DAY_MS },
} as const;

/** Options after checking, rates compiled to tables. */
export interface BreakerRules {
  readonly failureRate: number;
  readonly slowRate: number;
  readonly slowCallMs: number;
  readonly windowMs: number;
  readonly minCalls: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly maxPauseMs: number;
  readonly countToolErrors: boolean;
  /** By number of calls: how many failures are evidence. */
  readonly failureEvidence: Uint16Array;
  readonly slowEvidence: Uint16Array;
  readonly isIdempotentTool: (name: string) => boolean;
  readonly fallbacks: Fallbacks;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Checks what a breaker was given; `true` means the defaults.
 * @throws {ConfigError} `BR9001`, also for a breaker that could never open and for a fallback
 *   cycle.
 */
export function checkBreakerOptions(path: string, value: unknown): BreakerRules {
  if (value === null || (typeof value !== "object" && value !== true)) {
    throw optionError(path, value, "true, options or a gate");
  }
  const given = value === true ? {} : checkObject(path, value);
  refuseUnknownKeys(path, given, KEYS);
  const options = { ...DEFAULTS, ...(given as BreakerOptions) };
  for (const [key, bounds] of Object.entries(BOUNDS)) {
    checkWholeNumber(`${path}.${key}`, options[key as keyof typeof BOUNDS], bounds);
  }
  const { clock = systemClock, random = Math.random, countToolErrors = false } = options;
  checkMethods(`${path}.clock`, clock, ["wallMs", "monotonicMs"]);
  checkFunction(`${path}.random`, random);
  checkRate(`${path}.failureRate`, options.failureRate);
  checkSlow(path, options, "slowRate" in given);
  const { openMs, maxOpenMs } = options;
  if ("openMs" in given && "maxOpenMs" in given && openMs > maxOpenMs) {
    throw optionError(`${path}.openMs`, openMs, `at most maxOpenMs, which is ${maxOpenMs}`);
  }
  const failureEvidence = compileEvidence(options.failureRate, MAX_COUNTED);
  const isSame = options.slowRate === options.failureRate;
  return {
    ...options,
    openMs: "maxOpenMs" in given ? Math.min(openMs, maxOpenMs) : openMs,
    maxOpenMs: "maxOpenMs" in given ? maxOpenMs : Math.max(openMs, maxOpenMs),
    slowCallMs: options.slowCallMs ?? Number.POSITIVE_INFINITY,
    countToolErrors: checkBoolean(`${path}.countToolErrors`, countToolErrors),
    failureEvidence,
    slowEvidence: isSame ? failureEvidence : compileEvidence(options.slowRate, MAX_COUNTED),
    isIdempotentTool: checkGlobs(`${path}.idempotentTools`, options.idempotentTools),
    fallbacks: checkFallbacks(`${path}.fallbacks`, options.fallbacks),
    clock,
    random,
  };
}

function checkRate(path: string, rate: unknown): void {
  if (typeof rate === "number" && rate > 0 && rate <= MAX_RATE) return;
  const expected = `above 0 and at most ${MAX_RATE}: with more tolerated a circuit could never open`;
  throw optionError(path, rate, expected);
}

function checkSlow(path: string, options: BreakerOptions, hasRate: boolean): void {
  checkRate(`${path}.slowRate`, options.slowRate);
  const { slowCallMs } = options;
  if (slowCallMs !== undefined) {
    checkWholeNumber(`${path}.slowCallMs`, slowCallMs, { min: 1, max: DAY_MS });
  } else if (hasRate) {
    throw optionError(
      `${path}.slowCallMs`,
      slowCallMs,
      "given with slowRate: no call is slow without",
    );
  }
}

function checkGlobs(path: string, value: unknown): (name: string) => boolean {
  if (value === undefined) return () => false;
  const globs = checkArray(path, value).map((glob, index) => {
    const text = checkString(`${path}[${index}]`, glob);
    if (!isForeignGlob(text)) return compileGlob(text);
    throw optionError(`${path}[${index}]`, glob, "a name in which * is the only wildcard");
  });
  return (name) => globs.some((matches) => matches(name));
}
