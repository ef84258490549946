import type { ReportedUsage, UnitUsage, Usage } from "./usage.ts";

/** Reported usage after a look at it: usable (perhaps with a remark), or not. */
export type CheckedUsage =
  | { readonly kind: "usable"; readonly usage: Usage; readonly anomaly: string | undefined }
  | {
      readonly kind: "unusable";
      readonly anomaly: string;
      /** What it counts, when all that is wrong is that it counts no tokens. */
      readonly units?: UnitUsage;
    };

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** More tokens than any call can have; a provider that says more is mistaken. */
const MAX_TOKENS = 1_000_000_000;

/**
 * Looks at usage as a stranger's claim: a negative, fractional, huge or missing figure makes it
 * unusable (the full reservation is charged, never a refund), and details that exceed their total
 * are read as additions, the dearer reading.
 */
export function checkUsage(reported: ReportedUsage): CheckedUsage {
  const usage = copyOf(reported);
  if (usage === undefined) return { kind: "unusable", anomaly: "usage cannot be read" };
  if (!isCount(usage.inputTokens)) return withoutTokens(usage) ?? unusable("inputTokens");
  if (!isCount(usage.outputTokens)) return unusable("outputTokens");
  const wrong = wrongDetail(usage);
  return wrong === undefined ? reconcileParts(usage) : unusable(wrong);
}

/**
 * Reads each figure once: what the caller's object holds besides, or becomes later, is not kept. A
 * getter that throws makes usage unreadable.
 */
function copyOf(reported: ReportedUsage): Usage | undefined {
  try {
    return readFigures(reported);
  } catch {
    return undefined;
  }
}

/**
 * Spelled out field by field: this runs once a call, and a loop over names costs forty times as
 * much.
 */
function readFigures(reported: ReportedUsage): Usage {
  const { inputTokens, outputTokens, images, seconds, characters, searchUnits } = reported as Usage;
  const usage: Writable<Usage> = { inputTokens, outputTokens };
  const {
    cacheReadTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens,
    reasoningTokens,
    audioInputTokens,
    audioOutputTokens,
    audioCacheReadTokens,
    imageInputTokens,
    imageOutputTokens,
  } = reported as Usage;
  if (cacheReadTokens !== undefined) usage.cacheReadTokens = cacheReadTokens;
  if (cacheWrite5mTokens !== undefined) usage.cacheWrite5mTokens = cacheWrite5mTokens;
  if (cacheWrite1hTokens !== undefined) usage.cacheWrite1hTokens = cacheWrite1hTokens;
  if (reasoningTokens !== undefined) usage.reasoningTokens = reasoningTokens;
  if (audioInputTokens !== undefined) usage.audioInputTokens = audioInputTokens;
  if (audioOutputTokens !== undefined) usage.audioOutputTokens = audioOutputTokens;
  if (audioCacheReadTokens !== undefined) usage.audioCacheReadTokens = audioCacheReadTokens;
  if (imageInputTokens !== undefined) usage.imageInputTokens = imageInputTokens;
  if (imageOutputTokens !== undefined) usage.imageOutputTokens = imageOutputTokens;
  if (images !== undefined) usage.images = images;
  if (seconds !== undefined) usage.seconds = seconds;
  if (characters !== undefined) usage.characters = characters;
  if (searchUnits !== undefined) usage.searchUnits = searchUnits;
  return usage;
}

/** Possible figures of images, seconds, characters or search units, and none of tokens. */
function withoutTokens(usage: Usage): CheckedUsage | undefined {
  const { inputTokens, outputTokens, ...units } = usage as Partial<Usage>;
  const { images, seconds, characters, searchUnits } = units;
  const isAny = (images ?? seconds ?? characters ?? searchUnits) !== undefined;
  if (inputTokens !== undefined || outputTokens !== undefined || !isAny) return undefined;
  if (wrongDetail(usage) !== undefined) return undefined;
  const anomaly = "usage counts no tokens";
  return { kind: "unusable", anomaly, units: units as UnitUsage };
}

function unusable(field: string): CheckedUsage {
  return { kind: "unusable", anomaly: `${field} is not a possible figure` };
}

/** Spelled out for the same reason. */
function wrongDetail(usage: Usage): string | undefined {
  if (!isCountOrAbsent(usage.cacheReadTokens)) return "cacheReadTokens";
  if (!isCountOrAbsent(usage.cacheWrite5mTokens)) return "cacheWrite5mTokens";
  if (!isCountOrAbsent(usage.cacheWrite1hTokens)) return "cacheWrite1hTokens";
  if (!isCountOrAbsent(usage.reasoningTokens)) return "reasoningTokens";
  if (!isCountOrAbsent(usage.audioInputTokens)) return "audioInputTokens";
  if (!isCountOrAbsent(usage.audioOutputTokens)) return "audioOutputTokens";
  if (!isCountOrAbsent(usage.audioCacheReadTokens)) return "audioCacheReadTokens";
  if (!isCountOrAbsent(usage.imageInputTokens)) return "imageInputTokens";
  if (!isCountOrAbsent(usage.imageOutputTokens)) return "imageOutputTokens";
  if (!isCountOrAbsent(usage.images)) return "images";
  if (!isCountOrAbsent(usage.characters)) return "characters";
  if (!isCountOrAbsent(usage.searchUnits)) return "searchUnits";
  return isDurationOrAbsent(usage.seconds) ? undefined : "seconds";
}

function isCountOrAbsent(value: unknown): boolean {
  return value === undefined || isCount(value);
}

function isDurationOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value >= 0 && value <= MAX_TOKENS);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKENS;
}

function reconcileParts(usage: Usage): CheckedUsage {
  const cached =
    (usage.cacheReadTokens ?? 0) +
    (usage.cacheWrite5mTokens ?? 0) +
    (usage.cacheWrite1hTokens ?? 0);
  const input = Math.max(cached, usage.audioInputTokens ?? 0, usage.imageInputTokens ?? 0);
  const output = Math.max(
    usage.reasoningTokens ?? 0,
    usage.audioOutputTokens ?? 0,
    usage.imageOutputTokens ?? 0,
  );
  const inputFits = input <= usage.inputTokens;
  const outputFits = output <= usage.outputTokens;
  if (inputFits && outputFits) return { kind: "usable", usage, anomaly: undefined };
  return {
    kind: "usable",
    usage: {
      ...usage,
      inputTokens: usage.inputTokens + (inputFits ? 0 : input),
      outputTokens: usage.outputTokens + (outputFits ? 0 : output),
    },
    anomaly: `details of the ${inputFits ? "output" : "input"} exceed its total`,
  };
}
