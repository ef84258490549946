import { dearestRate, FREE, isDearer, type Rate, twice } from "./rate.ts";

/** Prices that are known for one model at one time and tier; the rest falls back. */
export interface KnownRates {
  readonly input?: Rate;
  readonly output?: Rate;
  readonly cacheRead?: Rate;
  readonly cacheWrite5m?: Rate;
  readonly cacheWrite1h?: Rate;
  readonly reasoning?: Rate;
  readonly audioInput?: Rate;
  readonly audioOutput?: Rate;
  readonly audioCacheRead?: Rate;
  readonly imageInput?: Rate;
  readonly imageOutput?: Rate;
  readonly request?: Rate;
  readonly image?: Rate;
  readonly second?: Rate;
  readonly character?: Rate;
  readonly searchUnit?: Rate;
}

/** What a price can be for. */
export type RateName = keyof KnownRates;

/** Every rate filled in: what each kind of token costs, whatever a provider leaves unsaid. */
export type RateSet = Readonly<Required<Record<RateName, Rate>>>;

/** What decides how unsaid rates are filled in. */
export interface FillOptions {
  /** Anthropic bills a one-hour cache write at twice the input, wherever its models run. */
  readonly isClaude: boolean;
}

/**
 * Fills gaps with the dearer plausible rate: a cache read or write without a price of its own is
 * plain input, a five-minute write's price covers the one-hour write (but twice the input for
 * Claude), reasoning, audio and image tokens are text, output without a price is input.
 */
export function fillRates(known: KnownRates, { isClaude }: FillOptions): RateSet {
  const input = known.input ?? FREE;
  const output = known.output ?? input;
  return Object.freeze({
    input,
    output,
    ...fillCacheRates(known, input, isClaude),
    reasoning: known.reasoning ?? output,
    audioInput: known.audioInput ?? input,
    audioOutput: known.audioOutput ?? output,
    imageInput: known.imageInput ?? input,
    imageOutput: known.imageOutput ?? output,
    request: known.request ?? FREE,
    image: known.image ?? FREE,
    second: known.second ?? FREE,
    character: known.character ?? FREE,
    searchUnit: known.searchUnit ?? FREE,
  });
}

function fillCacheRates(
  known: KnownRates,
  input: Rate,
  isClaude: boolean,
): Pick<RateSet, "cacheRead" | "cacheWrite5m" | "cacheWrite1h" | "audioCacheRead"> {
  const cacheRead = known.cacheRead ?? input;
  const cacheWrite5m = known.cacheWrite5m ?? input;
  const hourlyWrite = isClaude ? dearestRate(cacheWrite5m, twice(input)) : cacheWrite5m;
  return {
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: known.cacheWrite1h ?? hourlyWrite,
    audioCacheRead: known.audioCacheRead ?? dearestRate(cacheRead, known.audioInput ?? FREE),
  };
}

/** The larger of each rate. */
export function dearerRates(a: RateSet, b: RateSet): RateSet {
  const pairs = Object.entries(a) as [RateName, Rate][];
  const dearer = pairs.map(([name, rate]) => [name, isDearer(b[name], rate) ? b[name] : rate]);
  return Object.freeze(Object.fromEntries(dearer));
}

/** Prices of every call whose whole input is more than `above` tokens; the first has -1. */
export interface Tier {
  readonly above: number;
  readonly rates: RateSet;
}

/** Ascending by `above`. */
export type Tiers = readonly [Tier, ...Tier[]];

/**
 * The tier of a call. It holds for all its tokens, and begins one token after its edge: with
 * `above` 200,000 a call of 200,000 is in the lower tier and one of 200,001 in the upper.
 */
export function tierFor<T extends { readonly above: number }>(
  tiers: readonly [T, ...T[]],
  inputTokens: number,
): T {
  let chosen = tiers[0];
  for (const tier of tiers) if (inputTokens > tier.above) chosen = tier;
  return chosen;
}
