import type { Usage } from "@burnrate/core";
import { type Rate, toCharge } from "./rate.ts";
import { type RateSet, type Tiers, tierFor } from "./rate-set.ts";

/** What a call is taken to have used when it is billed by time or image and does not say. */
export const ASSUMED_SECONDS = 3_600;
/** The same, in images. */
export const ASSUMED_IMAGES = 1;

const MS_PER_SECOND = 1_000;

/** How a model bills what is no token. */
export interface UnitBilling {
  /** Billed only by the second or image: usage that leaves them out is charged as assumed. */
  readonly tokenless: boolean;
  readonly minSeconds: number;
}

/**
 * The price of a usage in whole nano-dollars. Details are subsets of their totals and are taken
 * out of them; details that exceed their total are charged on top of it, the dearer reading.
 * Allocates nothing: it runs on every call.
 */
export function usageCost(tiers: Tiers, usage: Usage, billing: UnitBilling): number {
  const write5m = usage.cacheWrite5mTokens ?? 0;
  const write1h = usage.cacheWrite1hTokens ?? 0;
  const audioRead = usage.audioCacheReadTokens ?? 0;
  // Cached audio is part of both the cached reads and the audio: count it once.
  const read = withoutPart(usage.cacheReadTokens ?? 0, audioRead);
  const audioIn = withoutPart(usage.audioInputTokens ?? 0, audioRead);
  const imageIn = usage.imageInputTokens ?? 0;
  const reasoning = usage.reasoningTokens ?? 0;
  const audioOut = usage.audioOutputTokens ?? 0;
  const imageOut = usage.imageOutputTokens ?? 0;

  const inputParts = read + write5m + write1h + audioRead + audioIn + imageIn;
  const input = withoutPart(usage.inputTokens, inputParts);
  const outputParts = reasoning + audioOut + imageOut;
  const output = withoutPart(usage.outputTokens, outputParts);
  const tokens = input + inputParts + output + outputParts;
  const used = tokens > 0 || isSome(usage.images) || isSome(usage.seconds);

  const rates = tierFor(tiers, input + inputParts).rates;
  const units = used ? unitNano(rates, usage, billing) : 0;
  const unitRest = used ? unitMillionths(rates, usage, billing) : 0;
  return toCharge(
    input * rates.input.nano +
      read * rates.cacheRead.nano +
      write5m * rates.cacheWrite5m.nano +
      write1h * rates.cacheWrite1h.nano +
      audioIn * rates.audioInput.nano +
      audioRead * rates.audioCacheRead.nano +
      imageIn * rates.imageInput.nano +
      output * rates.output.nano +
      reasoning * rates.reasoning.nano +
      audioOut * rates.audioOutput.nano +
      imageOut * rates.imageOutput.nano +
      units,
    input * rates.input.millionths +
      read * rates.cacheRead.millionths +
      write5m * rates.cacheWrite5m.millionths +
      write1h * rates.cacheWrite1h.millionths +
      audioIn * rates.audioInput.millionths +
      audioRead * rates.audioCacheRead.millionths +
      imageIn * rates.imageInput.millionths +
      output * rates.output.millionths +
      reasoning * rates.reasoning.millionths +
      audioOut * rates.audioOutput.millionths +
      imageOut * rates.imageOutput.millionths +
      unitRest,
  );
}

/** What is left of a total; all of it when the part cannot be a part. */
function withoutPart(total: number, part: number): number {
  return part > total ? total : total - part;
}

function isSome(count: number | undefined): boolean {
  return count !== undefined && count > 0;
}

function unitNano(rates: RateSet, usage: Usage, billing: UnitBilling): number {
  return (
    rates.request.nano +
    imagesOf(usage, billing) * rates.image.nano +
    secondsNano(rates.second, milliseconds(usage, billing))
  );
}

function unitMillionths(rates: RateSet, usage: Usage, billing: UnitBilling): number {
  return (
    rates.request.millionths +
    imagesOf(usage, billing) * rates.image.millionths +
    secondsMillionths(rates.second, milliseconds(usage, billing))
  );
}

/** Whole nano-dollars of a duration; whole seconds, rounded up, where a product would not fit. */
function secondsNano({ nano }: Rate, ms: number): number {
  const product = ms * nano;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / MS_PER_SECOND);
  return Math.ceil(ms / MS_PER_SECOND) * nano;
}

/** What `secondsNano` leaves over, and the rate's own millionths. */
function secondsMillionths({ nano, millionths }: Rate, ms: number): number {
  const rest = ms * nano <= Number.MAX_SAFE_INTEGER ? (ms * nano) % MS_PER_SECOND : 0;
  return rest * MS_PER_SECOND + Math.ceil((ms / MS_PER_SECOND) * millionths);
}

function imagesOf(usage: Usage, { tokenless }: UnitBilling): number {
  return usage.images ?? (tokenless ? ASSUMED_IMAGES : 0);
}

/** Billed duration in whole milliseconds, rounded up past float noise (0.3 s is 300 ms). */
function milliseconds({ seconds }: Usage, { tokenless, minSeconds }: UnitBilling): number {
  if (seconds === undefined) return tokenless ? ASSUMED_SECONDS * MS_PER_SECOND : 0;
  if (seconds === 0) return 0;
  return Math.ceil(Math.max(seconds, minSeconds) * MS_PER_SECOND - 1e-6);
}
