import type { Usage } from "./usage.ts";

/** Reported usage after a look at it: usable (perhaps with a remark), or not. */
export type CheckedUsage =
  | { readonly kind: "usable"; readonly usage: Usage; readonly anomaly: string | undefined }
  | { readonly kind: "unusable"; readonly anomaly: string };

/** More tokens than any call can have; a provider that says more is mistaken. */
const MAX_TOKENS = 1_000_000_000;

const INPUT_PARTS = ["cacheReadTokens", "cacheWrite5mTokens", "cacheWrite1hTokens"] as const;
const WHOLE_FIELDS = [
  "inputTokens",
  "outputTokens",
  ...INPUT_PARTS,
  "reasoningTokens",
  "audioInputTokens",
  "audioOutputTokens",
  "audioCacheReadTokens",
  "imageInputTokens",
  "imageOutputTokens",
  "images",
] as const;

/**
 * Looks at usage as a stranger's claim: a negative, fractional, huge or missing figure makes it
 * unusable (the full reservation is charged, never a refund), and details that exceed their total
 * are read as additions, the dearer reading.
 */
export function checkUsage(usage: Usage): CheckedUsage {
  for (const field of WHOLE_FIELDS) {
    const value: unknown = usage[field];
    if (value === undefined && field !== "inputTokens" && field !== "outputTokens") continue;
    if (!isCount(value)) return { kind: "unusable", anomaly: `${field} is not a possible count` };
  }
  const { seconds } = usage;
  if (seconds !== undefined && !(seconds >= 0 && seconds <= MAX_TOKENS)) {
    return { kind: "unusable", anomaly: "seconds is not a possible duration" };
  }
  return reconcileParts(usage);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKENS;
}

function reconcileParts(usage: Usage): CheckedUsage {
  let { inputTokens, outputTokens } = usage;
  let anomaly: string | undefined;
  let cached = 0;
  for (const part of INPUT_PARTS) cached += usage[part] ?? 0;
  const inputParts = Math.max(cached, usage.audioInputTokens ?? 0, usage.imageInputTokens ?? 0);
  if (inputParts > inputTokens) {
    inputTokens += inputParts;
    anomaly = "details of the input exceed its total";
  }
  const outputParts = Math.max(
    usage.reasoningTokens ?? 0,
    usage.audioOutputTokens ?? 0,
    usage.imageOutputTokens ?? 0,
  );
  if (outputParts > outputTokens) {
    outputTokens += outputParts;
    anomaly = "details of the output exceed its total";
  }
  if (anomaly === undefined) return { kind: "usable", usage, anomaly };
  return { kind: "usable", usage: { ...usage, inputTokens, outputTokens }, anomaly };
}
