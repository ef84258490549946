import { DIMENSIONS } from "../budget/budget-text.ts";
import { quote } from "../config/describe.ts";
import { nearest } from "../config/nearest.ts";
import { optionError } from "../config/option-error.ts";
import { type LimitDimension, type LimitOptions, PERIODS_MS, type RatePeriod } from "./limit.ts";

const MAX_LENGTH = 200;
const FORM =
  'a limit such as "60/minute per user", "4 at once per agent", "200 calls per session" or "20 steps per task"';
const RATE = /^(\d+)(?: calls?)? ?\/ ?([^ ]+)$/;
/** How budgets are written: `"$0.50/task"`. */
const SPAN = /^(\d+)(?: (call|step)s?)? ?\/ ?(session|task)$/;
const COUNT = /^(\d+) ?([^\d].*)$/;
const PERIODS = Object.keys(PERIODS_MS) as RatePeriod[];
const UNITS = ["at once", "calls", "steps"] as const;
/** What else people say, too far from the word for edits to find. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ["s", "second"],
  ["sec", "second"],
  ["min", "minute"],
  ["m", "minute"],
  ["h", "hour"],
  ["hr", "hour"],
  ["d", "day"],
  ["concurrent", "at once"],
  ["parallel", "at once"],
  ["in flight", "at once"],
  ["at a time", "at once"],
  ["call", "calls"],
  ["step", "steps"],
]);

/**
 * Reads `<count>/<period>`, `<count> at once`, `<count> calls` or `<count> steps`, each with any
 * number of ` per <dimension>`. Words ignore case. Counts are checked with those of objects.
 * @throws {ConfigError} `BR9001`, with what was probably meant.
 */
export function parseLimitText(path: string, text: string): LimitOptions {
  if (text.length > MAX_LENGTH) throw optionError(path, text, FORM);
  const tidy = text.trim().replaceAll(/\s+/g, " ").toLowerCase();
  const [head = "", ...splits] = tidy.split(" per ");
  const per: LimitDimension[] = [];
  for (const word of splits) {
    const meant = periodOf(word);
    if (meant !== undefined && !isDimension(word)) {
      throw optionError(path, text, "written with / before its period (per splits a limit)", {
        nearest: `${head.replace(/ calls?$/, "")}/${meant}`,
      });
    }
    per.push(checkWord(path, text, word, DIMENSIONS));
  }
  return { ...(per.length > 0 && { per }), ...amountOf(path, text, head) };
}

function amountOf(path: string, text: string, head: string): LimitOptions {
  const [, most, what = "call", span] = SPAN.exec(head) ?? [];
  if (span !== undefined) {
    throw optionError(path, text, "written with per before a session or task (/ is for periods)", {
      nearest: what === "step" ? `${most} steps per task` : `${most} calls per ${span}`,
    });
  }
  const [, calls, period] = RATE.exec(head) ?? [];
  if (period !== undefined) {
    return { rate: { calls: Number(calls), per: checkWord(path, text, period, PERIODS) } };
  }
  const [, count, unit] = COUNT.exec(head) ?? [];
  if (unit === undefined) throw optionError(path, text, FORM);
  const word = unit === "call" ? "calls" : unit === "step" ? "steps" : unit;
  const known = checkWord(path, text, word, UNITS);
  return { [known === "at once" ? "concurrency" : known]: Number(count) };
}

function isDimension(word: string): boolean {
  return (DIMENSIONS as readonly string[]).includes(word);
}

/** `60 per minute` is how people say it. */
function periodOf(word: string): string | undefined {
  if (nearest(word, DIMENSIONS) !== undefined) return undefined;
  return PERIODS.find((period) => period === (OTHER_WORDS.get(word) ?? nearest(word, PERIODS)));
}

function checkWord<T extends string>(
  path: string,
  text: string,
  word: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  const meant = [OTHER_WORDS.get(word), nearest(word, allowed)].find(
    (candidate) => candidate !== undefined && (allowed as readonly string[]).includes(candidate),
  );
  const expected = `a limit in which ${quote(word)} is one of ${allowed.join(", ")}`;
  throw optionError(path, text, expected, {
    allowed,
    nearest: meant === undefined ? undefined : text.toLowerCase().replace(word, meant),
  });
}
