import type { Usage } from "@burnrate/core";

/**
 * Usage under keys that do not overlap, as Langfuse adds them up: `input` is what was neither read
 * from a cache nor written to one, `output` what was not reasoning.
 */
export function usageDetails(usage: Usage): Record<string, number> {
  const { inputTokens, outputTokens, cacheReadTokens = 0, reasoningTokens = 0 } = usage;
  const { audioInputTokens = 0, audioCacheReadTokens = 0, audioOutputTokens = 0 } = usage;
  const { imageInputTokens = 0, imageOutputTokens = 0 } = usage;
  const cacheCreation = (usage.cacheWrite5mTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0);
  const audioInput = Math.max(0, audioInputTokens - audioCacheReadTokens);
  return {
    ...split("input", inputTokens, {
      input_cache_read: cacheReadTokens,
      input_cache_creation: cacheCreation,
      input_audio: audioInput,
      input_image: imageInputTokens,
    }),
    ...split("output", outputTokens, {
      output_reasoning: reasoningTokens,
      output_audio: audioOutputTokens,
      output_image: imageOutputTokens,
    }),
    total: inputTokens + outputTokens,
  };
}

/** Details that exceed their total leave nothing over; they are never made to fit. */
function split(
  name: string,
  total: number,
  details: Record<string, number>,
): Record<string, number> {
  const present = Object.entries(details).filter(([, tokens]) => tokens > 0);
  const rest = present.reduce((left, [, tokens]) => left - tokens, total);
  return { [name]: Math.max(0, rest), ...Object.fromEntries(present) };
}
