import type { Usage } from "@burnrate/core";
import { toCharge } from "./rate.ts";
import { type Tiers, tierFor } from "./rate-set.ts";
import { hasUnits, saysUnits, type UnitBilling, unitMillionths, unitNano } from "./unit-cost.ts";

/**
 * The price of a usage in whole nano-dollars. Details are subsets of their totals and are taken
 * out of them; cached reads that must be audio or images are charged as those, and details that
 * exceed their total all the same on top of it, the dearer reading. The price of a request is due
 * whatever the usage is; usage of nothing at all costs nothing else.
 * Allocates nothing: it runs on every call.
 */
export function usageCost(tiers: Tiers, usage: Usage, billing: UnitBilling): number {
  const write5m = usage.cacheWrite5mTokens ?? 0;
  const write1h = usage.cacheWrite1hTokens ?? 0;
  const audioRead = usage.audioCacheReadTokens ?? 0;
  // Cached audio is part of both the cached reads and the audio: count it once.
  const allRead = withoutPart(usage.cacheReadTokens ?? 0, audioRead);
  const audioIn = withoutPart(usage.audioInputTokens ?? 0, audioRead);
  const imageIn = usage.imageInputTokens ?? 0;
  const reasoning = usage.reasoningTokens ?? 0;
  const audioOut = usage.audioOutputTokens ?? 0;
  const imageOut = usage.imageOutputTokens ?? 0;

  const restIn = write5m + write1h + audioRead + audioIn + imageIn;
  const read = withoutShared(allRead, audioIn + imageIn, usage.inputTokens - restIn);
  const inputParts = read + restIn;
  const input = withoutPart(usage.inputTokens, inputParts);
  const outputParts = reasoning + audioOut + imageOut;
  const output = withoutPart(usage.outputTokens, outputParts);
  const tokens = input + inputParts + output + outputParts;
  const used = tokens > 0 || hasUnits(usage);

  const rates = tierFor(tiers, input + inputParts).rates;
  const plain = !used || (!billing.tokenless && !saysUnits(usage));
  const units = plain ? rates.request.nano : unitNano(rates, usage, billing);
  const unitRest = plain ? rates.request.millionths : unitMillionths(rates, usage, billing);
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

/**
 * Cached reads that are neither audio nor images. Not all providers say how many are; where there
 * is no room for all of them beside those, they are taken to be the same tokens.
 */
function withoutShared(read: number, dearer: number, room: number): number {
  return read <= room ? read : Math.max(0, read - dearer);
}

/** What is left of a total; all of it when the part cannot be a part. */
function withoutPart(total: number, part: number): number {
  return part > total ? total : total - part;
}
