import type { UnitBounds } from "@burnrate/core";
import { dearestRate, isDearer, type Rate, toCharge } from "./rate.ts";
import { type RateSet, type Tiers, tierFor } from "./rate-set.ts";
import { type UnitBilling, type UnitRates, unitMillionths, unitNano } from "./unit-cost.ts";

/** The dearest that each thing can be up to a tier. */
export interface CeilingStep extends UnitRates {
  readonly above: number;
  readonly input: Rate;
  readonly output: Rate;
  /** Of input tokens that may be audio or images; never below `input`. */
  readonly audioInput: Rate;
  readonly imageInput: Rate;
  /** What the call costs besides tokens when nobody says what units it uses. */
  readonly unsaid: Rate;
}

/** In the order of their thresholds; the first begins at no input. */
export type CeilingSteps = readonly [CeilingStep, ...CeilingStep[]];

/** What bounds the cost of a model's calls. */
export interface Ceiling {
  readonly steps: CeilingSteps;
  readonly billing: UnitBilling;
}

/** Bounds nothing beside tokens. */
const UNSAID: UnitBounds = Object.freeze({});

/**
 * The bounds of several sets of tiers that may apply to one call (the hours of a day). Each step
 * is at least as dear as those before it, since a call may use less input than its bound.
 *
 * Input is bounded by text, cached reads and both cache writes. Audio and images have rates of
 * their own only in models that mostly get text, so they are bounded by those where a call says
 * that it brings some. Output always counts them, because a model that prices them apart is called
 * for them.
 */
export function createCeiling(schedules: readonly Tiers[], billing: UnitBilling): Ceiling {
  const tiers = schedules.flat().sort((a, b) => a.above - b.above);
  const steps: CeilingStep[] = [];
  for (const { above, rates } of tiers) steps.push(nextStep(steps.at(-1), above, rates, billing));
  const [first, ...rest] = steps;
  if (first === undefined) throw new RangeError("a model without prices");
  return { steps: [first, ...rest], billing };
}

function nextStep(
  previous: CeilingStep | undefined,
  above: number,
  rates: RateSet,
  billing: UnitBilling,
): CeilingStep {
  const { cacheRead, cacheWrite5m, cacheWrite1h, audioCacheRead } = rates;
  const { reasoning, audioOutput, imageOutput } = rates;
  const dearest = (
    name: Exclude<keyof CeilingStep, "above" | "unsaid">,
    ...others: readonly Rate[]
  ): Rate =>
    dearestRate(rates[name], ...others, ...(previous === undefined ? [] : [previous[name]]));
  const input = dearest("input", cacheRead, cacheWrite5m, cacheWrite1h);
  const units = {
    request: dearest("request"),
    image: dearest("image"),
    second: dearest("second"),
    character: dearest("character"),
    searchUnit: dearest("searchUnit"),
  };
  return {
    above,
    input,
    output: dearest("output", reasoning, audioOutput, imageOutput),
    audioInput: dearest("audioInput", input, audioCacheRead),
    imageInput: dearest("imageInput", input),
    ...units,
    unsaid: {
      nano: unitNano(units, UNSAID, billing),
      millionths: unitMillionths(units, UNSAID, billing),
    },
  };
}

/** An upper bound of a call in nano-dollars; `Number.MAX_SAFE_INTEGER` when it is past counting. */
export function ceilingOf(
  ceiling: Ceiling,
  inputTokens: number,
  outputTokens: number,
  units: UnitBounds | undefined,
): number {
  const step = tierFor(ceiling.steps, inputTokens);
  const { nano, millionths } = besides(step, ceiling.billing, inputTokens, units);
  return toCharge(
    inputTokens * step.input.nano + outputTokens * step.output.nano + nano,
    inputTokens * step.input.millionths + outputTokens * step.output.millionths + millionths,
  );
}

/**
 * What a call costs besides output, and input at the rate of text. Its millionths may be below 0.
 */
function besides(
  step: CeilingStep,
  billing: UnitBilling,
  inputTokens: number,
  units: UnitBounds | undefined,
): Rate {
  if (units === undefined) return step.unsaid;
  const { input, audioInput, imageInput } = step;
  const { audioInputTokens = 0, imageInputTokens = 0 } = units;
  // Where both cannot be had, as many as can be are of the dearer kind.
  const isImageDearer = isDearer(imageInput, audioInput);
  const dearer = Math.min(isImageDearer ? imageInputTokens : audioInputTokens, inputTokens);
  const other = Math.min(isImageDearer ? audioInputTokens : imageInputTokens, inputTokens - dearer);
  const audio = isImageDearer ? other : dearer;
  const image = isImageDearer ? dearer : other;
  return {
    nano:
      unitNano(step, units, billing) +
      audio * (audioInput.nano - input.nano) +
      image * (imageInput.nano - input.nano),
    millionths:
      unitMillionths(step, units, billing) +
      audio * (audioInput.millionths - input.millionths) +
      image * (imageInput.millionths - input.millionths),
  };
}

/** Enough to make up for the rounding of one division. */
const MAX_CORRECTIONS = 16;

/**
 * The most output tokens whose ceiling is within an amount; -1 when the input alone is not. One
 * division finds it, exact comparisons with the ceiling correct its rounding.
 */
export function affordableOutput(
  ceiling: Ceiling,
  inputTokens: number,
  nano: number,
  units: UnitBounds | undefined,
): number {
  if (!(ceilingOf(ceiling, inputTokens, 0, units) <= nano)) return -1;
  const step = tierFor(ceiling.steps, inputTokens);
  const rest = besides(step, ceiling.billing, inputTokens, units);
  const perToken = step.output.nano + step.output.millionths / 1e6;
  if (perToken === 0) return Number.MAX_SAFE_INTEGER;
  const wholeLeft = nano - inputTokens * step.input.nano - rest.nano;
  const millionths = inputTokens * step.input.millionths + rest.millionths;
  const left = wholeLeft - millionths / 1e6;
  const guess = Math.min(Math.floor(left / perToken), mostCountable(step.output, millionths));
  if (guess >= Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return correctRounding(Math.max(guess, 0), (tokens) => {
    return ceilingOf(ceiling, inputTokens, tokens, units) <= nano;
  });
}

/**
 * Output tokens beyond which the sum of millionths no longer fits, and the ceiling is the limit.
 */
function mostCountable(output: Rate, millionths: number): number {
  if (output.millionths === 0) return Number.MAX_SAFE_INTEGER;
  return Math.floor((Number.MAX_SAFE_INTEGER - millionths) / output.millionths);
}

/** The largest figure that fits, near a guess; in doubt a little less, never more. */
function correctRounding(guess: number, fits: (tokens: number) => boolean): number {
  let tokens = guess;
  for (let i = 0; i < MAX_CORRECTIONS && tokens > 0 && !fits(tokens); i++) tokens--;
  for (let i = 0; i < MAX_CORRECTIONS && fits(tokens + 1); i++) tokens++;
  return fits(tokens) ? tokens : Math.floor(tokens * (1 - 1e-9));
}
