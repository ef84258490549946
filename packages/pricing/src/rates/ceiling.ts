import { dearestRate, type Rate, toCharge } from "./rate.ts";
import { type RateSet, type Tiers, tierFor } from "./rate-set.ts";
import { ASSUMED_IMAGES, ASSUMED_SECONDS, type UnitBilling } from "./usage-cost.ts";

/** The dearest that an input token, an output token and the call itself can be up to a tier. */
export interface CeilingStep {
  readonly above: number;
  readonly input: Rate;
  readonly output: Rate;
  /** What the call costs besides tokens. */
  readonly nano: number;
  readonly millionths: number;
}

/** In the order of their thresholds; the first begins at no input. */
export type CeilingSteps = readonly [CeilingStep, ...CeilingStep[]];

/**
 * The bounds of several sets of tiers that may apply to one call (the hours of a day). Each step
 * is at least as dear as those before it, since a call may use less input than its bound.
 *
 * Input is bounded by text, cached reads and both cache writes: audio and images have rates of
 * their own only in models that mostly get text. Output also counts audio and images, because a
 * model that prices them apart is called for them.
 */
export function ceilingSteps(schedules: readonly Tiers[], billing: UnitBilling): CeilingSteps {
  const tiers = schedules.flat().sort((a, b) => a.above - b.above);
  const steps: CeilingStep[] = [];
  for (const { above, rates } of tiers) steps.push(nextStep(steps.at(-1), above, rates, billing));
  const [first, ...rest] = steps;
  if (first === undefined) throw new RangeError("a model without prices");
  return [first, ...rest];
}

function nextStep(
  previous: CeilingStep | undefined,
  above: number,
  rates: RateSet,
  billing: UnitBilling,
): CeilingStep {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h } = rates;
  const { output, reasoning, audioOutput, imageOutput } = rates;
  const inputs = [input, cacheRead, cacheWrite5m, cacheWrite1h, ...only(previous?.input)];
  const outputs = [output, reasoning, audioOutput, imageOutput, ...only(previous?.output)];
  const seconds = billing.tokenless ? ASSUMED_SECONDS : 0;
  const images = billing.tokenless ? ASSUMED_IMAGES : 0;
  const nano = rates.request.nano + seconds * rates.second.nano + images * rates.image.nano;
  const millionths =
    rates.request.millionths + seconds * rates.second.millionths + images * rates.image.millionths;
  return {
    above,
    input: dearestRate(...inputs),
    output: dearestRate(...outputs),
    nano: Math.max(nano, previous?.nano ?? 0),
    millionths: Math.max(millionths, previous?.millionths ?? 0),
  };
}

function only(rate: Rate | undefined): readonly Rate[] {
  return rate === undefined ? [] : [rate];
}

/** An upper bound of a call in nano-dollars; `Number.MAX_SAFE_INTEGER` when it is past counting. */
export function ceilingOf(steps: CeilingSteps, inputTokens: number, outputTokens: number): number {
  const step = tierFor(steps, inputTokens);
  return toCharge(
    inputTokens * step.input.nano + outputTokens * step.output.nano + step.nano,
    inputTokens * step.input.millionths + outputTokens * step.output.millionths + step.millionths,
  );
}

/** Enough to make up for the rounding of one division. */
const MAX_CORRECTIONS = 16;

/**
 * The most output tokens whose ceiling is within an amount; -1 when the input alone is not. One
 * division finds it, exact comparisons with the ceiling correct its rounding.
 */
export function affordableOutput(steps: CeilingSteps, inputTokens: number, nano: number): number {
  if (!(ceilingOf(steps, inputTokens, 0) <= nano)) return -1;
  const step = tierFor(steps, inputTokens);
  const perToken = step.output.nano + step.output.millionths / 1e6;
  if (perToken === 0) return Number.MAX_SAFE_INTEGER;
  const wholeLeft = nano - inputTokens * step.input.nano - step.nano;
  const left = wholeLeft - (inputTokens * step.input.millionths + step.millionths) / 1e6;
  const guess = Math.min(Math.floor(left / perToken), mostCountable(step, inputTokens));
  if (guess >= Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return correctRounding(Math.max(guess, 0), (tokens) => {
    return ceilingOf(steps, inputTokens, tokens) <= nano;
  });
}

/** Output tokens beyond which the sum of millionths no longer fits, and the ceiling is the limit. */
function mostCountable({ input, output, millionths }: CeilingStep, inputTokens: number): number {
  if (output.millionths === 0) return Number.MAX_SAFE_INTEGER;
  const sum = inputTokens * input.millionths + millionths;
  return Math.floor((Number.MAX_SAFE_INTEGER - sum) / output.millionths);
}

/** The largest figure that fits, near a guess; in doubt a little less, never more. */
function correctRounding(guess: number, fits: (tokens: number) => boolean): number {
  let tokens = guess;
  for (let i = 0; i < MAX_CORRECTIONS && tokens > 0 && !fits(tokens); i++) tokens--;
  for (let i = 0; i < MAX_CORRECTIONS && fits(tokens + 1); i++) tokens++;
  return fits(tokens) ? tokens : Math.floor(tokens * (1 - 1e-9));
}
