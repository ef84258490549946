import { DAY_MS, durationText, HOUR_MS, MINUTE_MS } from "../objective/duration.ts";
import type { Target } from "../objective/target.ts";
import { type GuardTable, guardTable } from "./guard-table.ts";

/** How soon a human must look. */
export type Severity = "page" | "ticket";

/**
 * One multi-window burn-rate rule: it fires while the share of bad events is above `threshold` over
 * both windows, and the counts of the long one are evidence.
 * @see https://sre.google/workbook/alerting-on-slos/ (6: multiwindow, multi-burn-rate alerts)
 */
export interface BurnRule {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  /** Keys of the windows in `burn`: `"1h"`, `"5m"`. */
  readonly long: string;
  readonly short: string;
  /** How many times faster than evenly the budget burns. */
  readonly factor: number;
  /** Whether it also fires while nothing is measured in its long window. */
  readonly whenNoData: boolean;
  /** factor × budget as decimal text, for rules that other programs evaluate. */
  readonly thresholdText: string;
  /** The number of this text. */
  readonly threshold: number;
  /** What keeps one bad event of one from paging. */
  readonly guard: GuardTable;
}

/** Google's choices for 30 days: this share of the budget in this time. */
const DEFAULTS = [
  { severity: "page", share: 0.02, ofWindow: HOUR_MS / (30 * DAY_MS) },
  { severity: "page", share: 0.05, ofWindow: (6 * HOUR_MS) / (30 * DAY_MS) },
  { severity: "ticket", share: 0.1, ofWindow: DAY_MS / (30 * DAY_MS) },
  { severity: "ticket", share: 0.1, ofWindow: (3 * DAY_MS) / (30 * DAY_MS) },
] as const;

/** Lengths that people know, in minutes. */
const LADDER = [
  5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 4_320, 8_640, 12_960, 17_280, 43_200,
];
const LONG_TO_SHORT = 12;
const MIN_SHORT_MS = 2 * MINUTE_MS;
/** One bad slice is no evidence. */
const MIN_SLICES = 2;
/** Slower than this the budget lasts, so there is nothing to tell. */
const MIN_FACTOR = 0.9;
/** Beyond this share of bad events a rule is as good as unreachable. */
const REACHABLE = 0.8;

/** A rule before its threshold is known. */
export interface RuleShape {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  readonly factor: number;
  readonly whenNoData: boolean;
}

/** Rules and what a reader must know about how they came to be. */
export interface ScaledRules {
  readonly rules: readonly BurnRule[];
  /** In plain words: which factors were lowered or left out, and why. */
  readonly notes: readonly string[];
}

/**
 * Google's defaults for a window of any length: the same shares of the budget over windows scaled
 * to a length that people know. A factor that the target makes unreachable is lowered, and windows
 * that would hold too few slices of time are longer; both is said.
 */
export function defaultRules(windowMs: number, target: Target, sliceMs = 0): ScaledRules {
  const notes: string[] = [];
  const rules: BurnRule[] = [];
  for (const { severity, share, ofWindow } of DEFAULTS) {
    const usualMs = nearestLength(ofWindow * windowMs);
    const longMs = lengthFor(usualMs, slicesNeeded(target) * sliceMs);
    const wanted = rounded((share * windowMs) / usualMs);
    if (longMs > windowMs / 2 || wanted < MIN_FACTOR) {
      notes.push(`No ${severity} over ${durationText(longMs)}: the window is too short for it.`);
      continue;
    }
    const factor = Math.min(wanted, rounded(REACHABLE / target.budget));
    if (factor < wanted) notes.push(loweredNote(severity, longMs, wanted, factor, target));
    const shortMs = shortOf(longMs, sliceMs);
    if (longMs !== usualMs || shortMs !== shortOf(longMs)) {
      const windows = `${durationText(longMs)} and ${durationText(shortMs)}`;
      const usual = `${durationText(usualMs)} and ${durationText(shortOf(usualMs))}`;
      const because = `slices of ${durationText(sliceMs)} are too long for that`;
      notes.push(`The ${severity} looks at ${windows} in place of ${usual}: ${because}.`);
    }
    rules.push(toRule({ severity, longMs, shortMs, factor, whenNoData: false }, target));
  }
  return { rules: withoutRepeats(rules), notes };
}

/** Rules of the user's that slices of time make fire never, or now and then only. */
export function sliceNotes(rules: readonly BurnRule[], target: Target, sliceMs: number): string[] {
  const slices = `slices of ${durationText(sliceMs)}`;
  return rules.flatMap(({ severity, long, longMs, short, shortMs }) => {
    const name = `The ${severity} over ${long} and ${short}`;
    if (longMs < slicesNeeded(target) * sliceMs) {
      return [`${name} never fires: too few ${slices} end in ${long}.`];
    }
    return shortMs < sliceMs
      ? [`${name} fires only while one of the ${slices} has just ended.`]
      : [];
  });
}

/** So many slices, all of them bad, are evidence. */
function slicesNeeded({ budget }: Target): number {
  return guardTable(budget, 1).steps[0]?.bad ?? MIN_SLICES;
}

/** Completes a rule with its threshold and its guard. */
export function toRule(shape: RuleShape, target: Target): BurnRule {
  const thresholdText = product(String(shape.factor), target.budgetText);
  return {
    ...shape,
    long: durationText(shape.longMs),
    short: durationText(shape.shortMs),
    thresholdText,
    threshold: Number(thresholdText),
    guard: guardTable(target.budget, shape.factor),
  };
}

/** Whether so many times the budget can be exceeded at all. */
export function isReachable(factor: number, target: Target): boolean {
  return Number(product(String(factor), target.budgetText)) < 1;
}

/** The short window of a long one: a twelfth, in whole minutes, in which a slice of time ends. */
export function shortOf(longMs: number, sliceMs = 0): number {
  const twelfth = Math.round(longMs / LONG_TO_SHORT / MINUTE_MS) * MINUTE_MS;
  return Math.max(MIN_SHORT_MS, twelfth, Math.ceil(sliceMs / MINUTE_MS) * MINUTE_MS);
}

function loweredNote(
  severity: Severity,
  longMs: number,
  wanted: number,
  factor: number,
  { text, budgetText }: Target,
): string {
  const share = Number(product(String(wanted), budgetText)) * 100;
  const reason =
    share >= 100
      ? `can never be exceeded at a target of ${text}`
      : `would need ${Number(share.toPrecision(3))} % of events to be bad at a target of ${text}`;
  return `The ${severity} over ${durationText(longMs)} fires at a factor of ${factor}: ${wanted} ${reason}.`;
}

function nearestLength(ms: number): number {
  const wanted = Math.log(ms / MINUTE_MS);
  const distance = (minutes: number): number => Math.abs(Math.log(minutes) - wanted);
  return LADDER.reduce((best, next) => (distance(next) < distance(best) ? next : best)) * MINUTE_MS;
}

/** The next length that people know and that is long enough. */
function lengthFor(ms: number, leastMs: number): number {
  if (ms >= leastMs) return ms;
  return (LADDER.find((minutes) => minutes * MINUTE_MS >= leastMs) ?? Infinity) * MINUTE_MS;
}

/** Four digits, so that the factor is the same text wherever it is written. */
function rounded(factor: number): number {
  return Number(factor.toPrecision(4));
}

/** Of rules over the same windows the lowest factor is enough. */
function withoutRepeats(rules: readonly BurnRule[]): BurnRule[] {
  return rules.filter(
    (rule, index) =>
      !rules.some(
        (other, at) =>
          other.severity === rule.severity &&
          other.longMs === rule.longMs &&
          (other.factor < rule.factor || (other.factor === rule.factor && at < index)),
      ),
  );
}

/** The product of two decimal texts, exactly. */
function product(a: string, b: string): string {
  const [left, right] = [a, b].map((text) => {
    const [whole = "", fraction = ""] = text.split(".");
    return { digits: BigInt(whole + fraction), places: fraction.length };
  }) as [{ digits: bigint; places: number }, { digits: bigint; places: number }];
  const places = left.places + right.places;
  const digits = (left.digits * right.digits).toString().padStart(places + 1, "0");
  if (places === 0) return digits;
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
