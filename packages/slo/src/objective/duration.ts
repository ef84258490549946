import { optionError } from "@burnrate/core/adapter";

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DURATION = /^(0|[1-9]\d{0,5})(s|m|h|d|w)$/;
const EXAMPLES = ["30d", "6h", "5m"];

/** Milliseconds of a minute. */
export const MINUTE_MS: number = UNITS.m;
/** Milliseconds of an hour. */
export const HOUR_MS: number = UNITS.h;
/** Milliseconds of a day. */
export const DAY_MS: number = UNITS.d;

/**
 * Clocks of processes that differ by more are wrong, and one that goes back by more was. By less,
 * time stands still until it catches up.
 */
export const MAX_SKEW_MS: number = UNITS.h;

/**
 * Reads `"30d"`, `"6h"`, `"5m"`, `"30s"` or `"4w"`: a whole number and one unit.
 * @throws {ConfigError} `BR9001`
 */
export function checkDuration(
  path: string,
  given: unknown,
  {
    minMs = 1_000,
    maxMs = 400 * DAY_MS,
  }: { readonly minMs?: number; readonly maxMs?: number } = {},
): number {
  const isWithin = (ms: number): boolean => ms >= minMs && ms <= maxMs;
  const ms = typeof given === "string" ? read(given) : Number.NaN;
  if (isWithin(ms)) return ms;
  const bounds = `from ${durationText(minMs)} to ${durationText(maxMs)}`;
  const fitting = EXAMPLES.filter((text) => isWithin(read(text))).map((text) => `"${text}"`);
  const such = fitting.length === 0 ? "" : `, such as ${fitting.join(" or ")}`;
  throw optionError(path, given, `a duration ${bounds}${such}`);
}

/** NaN for what is no duration. */
function read(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** The shortest text: `"5m"`, `"1h"`, `"30d"`; it keys `burn` and names recording rules. */
export function durationText(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

const WORDS = { d: "day", h: "hour", m: "minute", s: "second" } as const;

/** For sentences: `"hour"`, `"6 hours"`, `"3 days"`. */
export function durationWords(ms: number): string {
  const text = durationText(ms);
  const amount = text.slice(0, -1);
  const word = WORDS[text.slice(-1) as keyof typeof WORDS];
  return amount === "1" ? word : `${amount} ${word}s`;
}

/** Units that a length is told in from one and a half of them on. */
const SCALE = [
  [UNITS.d, "day"],
  [UNITS.h, "hour"],
  [UNITS.m, "minute"],
] as const;

/** Roughly, in the unit that reads best: `"2.1 days"`, `"40 minutes"`, `"less than a second"`. */
export function roughly(ms: number): string {
  if (ms < UNITS.s) return "less than a second";
  const [unit, word] = SCALE.find(([length]) => ms >= 1.5 * length) ?? [UNITS.s, "second"];
  const amount = ms / unit;
  const shown = amount >= 10 ? Math.round(amount) : Math.round(amount * 10) / 10;
  return `${shown} ${word}${shown === 1 ? "" : "s"}`;
}
