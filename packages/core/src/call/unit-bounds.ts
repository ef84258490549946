import { optionError } from "../config/option-error.ts";
import type { UnitName, Usage } from "./usage.ts";

/**
 * What a call may use at most of what is billed beside text. A unit that is left out is reserved as
 * the price book assumes for a model that is billed by nothing else (an image, an hour), and not at
 * all for others.
 */
export interface UnitBounds extends Pick<Usage, UnitName> {
  /**
   * How many of the input tokens may be audio; they are reserved at its rate where that is dearer.
   */
  readonly audioInputTokens?: number;
  /** The same, of images. */
  readonly imageInputTokens?: number;
}

const COUNTS = [
  "images",
  "characters",
  "searchUnits",
  "audioInputTokens",
  "imageInputTokens",
] as const;

/** More seconds than a call can be billed for; as usage has it. */
const MAX_SECONDS = 1_000_000_000;

/**
 * The bounds of an estimate, undefined when it has none.
 * @throws {ConfigError} `BR9001` for a figure that cannot be.
 */
export function unitBoundsOf(estimate: UnitBounds | undefined): UnitBounds | undefined {
  return estimate === undefined || isText(estimate) ? undefined : checkBounds(estimate);
}

/** Spelled out field by field: most calls bound nothing here, and all of them ask. */
function isText(estimate: UnitBounds): boolean {
  const { images, seconds, characters, searchUnits } = estimate;
  const { audioInputTokens, imageInputTokens } = estimate;
  return (
    images === undefined &&
    seconds === undefined &&
    characters === undefined &&
    searchUnits === undefined &&
    audioInputTokens === undefined &&
    imageInputTokens === undefined
  );
}

function checkBounds(estimate: UnitBounds): UnitBounds {
  const bounds: { -readonly [K in keyof UnitBounds]: UnitBounds[K] } = {};
  for (const name of COUNTS) {
    const value = estimate[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw optionError(`estimate.${name}`, value, "a whole number, 0 or more");
    }
    bounds[name] = value;
  }
  const { seconds } = estimate;
  if (seconds === undefined) return bounds;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= MAX_SECONDS)) {
    throw optionError("estimate.seconds", seconds, "a number of seconds, 0 or more");
  }
  bounds.seconds = seconds;
  return bounds;
}

/** Usage with the units that it leaves out as they were reserved: the dearer reading. */
export function withReservedUnits(usage: Usage, reserved: UnitBounds | undefined): Usage {
  if (reserved === undefined) return usage;
  const { images, seconds, characters, searchUnits } = reserved;
  return {
    ...(images !== undefined && { images }),
    ...(seconds !== undefined && { seconds }),
    ...(characters !== undefined && { characters }),
    ...(searchUnits !== undefined && { searchUnits }),
    ...usage,
  };
}
