import { scaleDecimal } from "../config/decimal.ts";
import { quote } from "../config/describe.ts";
import { usdToNano } from "../config/money.ts";
import { nearest } from "../config/nearest.ts";
import { optionError } from "../config/option-error.ts";
import type { ConfigError } from "../errors/config-error.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { BudgetDimension, BudgetWindow } from "./budget.ts";
import { WINDOW_NAMES, windowFromName } from "./check-window.ts";

/** What `per` can split a budget by, in the order in which errors list it. */
export const DIMENSIONS: readonly BudgetDimension[] = [
  "org",
  "team",
  "user",
  "agent",
  "session",
  "task",
  "tool",
  "model",
  "provider",
];

/** A budget string, taken apart. */
export interface BudgetText {
  /** The string itself, with its spaces and the case of its words tidied: one spelling, one id. */
  readonly id: string;
  readonly unit: BudgetUnit;
  readonly limit: number;
  readonly window: BudgetWindow;
  readonly per: BudgetDimension | undefined;
}

interface Amount {
  /** As it is written in an id. */
  readonly text: string;
  readonly unit: BudgetUnit;
  readonly limit: number;
}

/** What is put around the digits to make them what was probably meant. */
interface Guess {
  readonly before: "" | "$";
  readonly after: string;
}

const MAX_LENGTH = 200;
const MONEY_WORDS: readonly string[] = ["usd", "dollar", "dollars", "$"];
const FORM = 'a budget such as "$5/day", "10k tokens/hour", "500 calls/task" or "$9/month per org"';
const SHAPE = /^([^/]*?)(?: ?\/ ?([^ ]*))?(?: per ([^ ]+))?$/i;
const AMOUNT = /^(\$ ?)?(-?\d[\d.,_]*)([a-z]*)(?: (.+))?$/i;
const UNITS: ReadonlyMap<string, BudgetUnit> = new Map([
  ["tokens", "tokens"],
  ["token", "tokens"],
  ["calls", "calls"],
  ["call", "calls"],
]);
/** How people abbreviate windows; too short for edits to find. */
const SHORT_FORMS: ReadonlyMap<string, string> = new Map([
  ["min", "minute"],
  ["mins", "minute"],
  ["h", "hour"],
  ["hr", "hour"],
  ["hrs", "hour"],
  ["hourly", "hour"],
  ["d", "day"],
  ["daily", "day"],
  ["wk", "week"],
  ["weekly", "week"],
  ["mo", "month"],
  ["mth", "month"],
  ["monthly", "month"],
]);
/** No `m`: a budget of $5 million where $5 a minute was meant would be no budget. */
const EXPONENTS: ReadonlyMap<string, string> = new Map([
  ["", ""],
  ["k", "e3"],
  ["K", "e3"],
  ["M", "e6"],
]);

const BILLIONS = /^(?:b|bn|g)$/i;
/** `10ktokens`: a multiplier and a word that nothing keeps apart. */
const JOINED = /^([km])([a-z]{2,})$/;
/** Money as it is said, or with its sign behind: `5$`, `USD 5`. */
const SAID_AS_MONEY = /^(?:usd ?)?(\d[\d.,_]*)([km]?)(?: ?\$)?$/;

/**
 * Reads `<amount>[/<window>][ per <dimension>]`: `$5/day`, `1.5M tokens/month per org`, `$1` (a
 * total). Words ignore case; `k` and `M` multiply.
 * @throws {ConfigError} `BR9001`, with what was probably meant.
 */
export function parseBudgetText(path: string, text: string): BudgetText {
  const tidy = text.length > 4 * MAX_LENGTH ? text : text.trim().replaceAll(/\s+/g, " ");
  const match = tidy.length > MAX_LENGTH ? null : SHAPE.exec(tidy);
  if (match === null) throw optionError(path, text, FORM);
  const [, amount = "", window, dimension] = match;
  const parsed = parseAmount(path, tidy, amount);
  if (dimension !== undefined) refuseWindowAfterPer(path, tidy, amount, dimension.toLowerCase());
  const rest = dimension === undefined ? "" : ` per ${dimension}`;
  const name =
    window === undefined
      ? "total"
      : checkWord(path, tidy, window, WINDOW_NAMES, (word) => `${amount}/${word}${rest}`);
  const per =
    dimension === undefined
      ? undefined
      : checkWord(path, tidy, dimension, DIMENSIONS, (word) =>
          tidy.replace(/ per [^ ]+$/i, ` per ${word}`),
        );
  const { text: amountText, unit, limit } = parsed;
  const windowText = window === undefined ? "" : `/${name}`;
  const id = `${amountText}${windowText}${per === undefined ? "" : ` per ${per}`}`;
  return { id, unit, limit, window: windowFromName(name), per };
}

function checkWord<T extends string>(
  path: string,
  id: string,
  word: string,
  allowed: readonly T[],
  correct: (word: string) => string,
): T {
  const found = allowed.find((candidate) => candidate === word.toLowerCase());
  if (found !== undefined) return found;
  const near = SHORT_FORMS.get(word.toLowerCase()) ?? nearest(word, allowed);
  const expected = `a budget in which ${quote(word)} is one of ${allowed.join(", ")}`;
  throw optionError(path, id, expected, {
    allowed,
    nearest: near === undefined ? undefined : correct(near),
  });
}

/** `$5 per day` is how people say it; `per` splits a budget, it does not time it. */
function refuseWindowAfterPer(path: string, id: string, amount: string, word: string): void {
  const window = nearest(word, WINDOW_NAMES);
  if (window === undefined || nearest(word, DIMENSIONS) !== undefined) return;
  throw optionError(path, id, "written with / before its window (per splits a budget)", {
    nearest: `${amount}/${window}`,
  });
}

function parseAmount(path: string, id: string, text: string): Amount {
  const match = AMOUNT.exec(text);
  if (match === null) throw optionError(path, id, FORM, { nearest: guessForm(path, id, text) });
  const [, dollar, digits = "", suffix = "", word] = match;
  const unit = UNITS.get(word?.toLowerCase() ?? "");
  const exponent = EXPONENTS.get(suffix);
  const wellFormed = dollar === undefined ? unit !== undefined : word === undefined;
  if (!wellFormed || exponent === undefined) {
    const [factor, said] = word === undefined ? apart(suffix) : [suffix, word];
    const meant = guessAmount(digits, factor, said?.toLowerCase(), dollar !== undefined);
    const whole = meant?.includes("/") === false ? meant + id.slice(text.length) : meant;
    throw optionError(path, id, FORM, { nearest: whole && taken(path, whole) });
  }
  const decimal = digits + exponent;
  const number = digits + suffix.replace("K", "k");
  if (unit === undefined) {
    return { text: `$${number}`, unit: "usd", limit: usdToNano(path, decimal, id) };
  }
  const limit = parseCount(path, id, decimal, unit);
  return { text: `${number} ${word?.toLowerCase()}`, unit, limit };
}

function parseCount(path: string, id: string, decimal: string, unit: BudgetUnit): number {
  const scaled = scaleDecimal(decimal, 0);
  if (scaled.kind === "malformed") throw optionError(path, id, FORM);
  if (scaled.kind === "whole" && scaled.value > 0) return scaled.value;
  throw optionError(path, id, `a whole number of ${unit}, from 1 to ${Number.MAX_SAFE_INTEGER}`);
}

/** `5 usd`, `10 tokns`, `500calls`, `$5m`, `1B tokens`, `$5 a day`, `10k`: what was it meant to be? */
function guessAmount(
  digits: string,
  suffix: string,
  word: string | undefined,
  dollar: boolean,
): string | undefined {
  if (BILLIONS.test(suffix)) {
    return /^\d+$/.test(digits) ? guessAmount(`${digits}000`, "M", word, dollar) : undefined;
  }
  const multiplier = suffix === "m" ? "M" : EXPONENTS.has(suffix) ? suffix : "";
  if (suffix !== "" && multiplier === "" && word !== undefined) return undefined;
  const said = word ?? (multiplier === "" ? suffix.toLowerCase() : "");
  const guess = dollar ? guessDollars(said) : guessUnit(said, multiplier);
  if (guess === undefined) return undefined;
  const power = guess.before === "$" ? 9 : 0;
  const scaled = scaleDecimal(digits + EXPONENTS.get(multiplier), power);
  if (scaled.kind !== "whole" || scaled.value <= 0) return undefined;
  return guess.before + digits + multiplier + guess.after;
}

/** `.5`, `5$`, `USD 5`: what is no amount at all, but for its form. */
function guessForm(path: string, id: string, text: string): string | undefined {
  const [, digits, suffix = ""] = SAID_AS_MONEY.exec(text.toLowerCase()) ?? [];
  const money = digits === undefined ? undefined : guessAmount(digits, suffix, "usd", false);
  const whole = id.replace(/^(\$ ?)?\.(?=\d)/, "$10.");
  const meant = money === undefined ? whole : money + id.slice(text.length);
  return meant === id ? undefined : taken(path, meant);
}

/** A guess that would be taken, or what is guessed of it: `$5/day` for `$5 per day`. */
function taken(path: string, guess: string): string | undefined {
  try {
    parseBudgetText(path, guess);
    return guess;
  } catch (error) {
    return (error as ConfigError).details?.["nearest"] as string | undefined;
  }
}

/** The multiplier and the word of `ktokens`; `month` is no million of anything. */
function apart(suffix: string): readonly [suffix: string, word: string | undefined] {
  const [, factor, word = ""] = JOINED.exec(suffix.toLowerCase()) ?? [];
  const isUnit = MONEY_WORDS.includes(word) || nearest(word, UNITS.keys()) !== undefined;
  return factor !== undefined && isUnit ? [factor, word] : [suffix, undefined];
}

function guessDollars(said: string): Guess {
  const window = nearest(said.split(" ").at(-1) ?? "", WINDOW_NAMES);
  return { before: "$", after: window === undefined ? "" : `/${window}` };
}

function guessUnit(said: string, multiplier: string): Guess | undefined {
  const isMoney = said === "" ? multiplier === "" : MONEY_WORDS.includes(said);
  if (isMoney) return { before: "$", after: "" };
  if (said.includes(" ")) return undefined; // "million tokens" is not "tokens"
  const unit = said === "" ? "tokens" : nearest(said, UNITS.keys());
  return unit === undefined ? undefined : { before: "", after: ` ${unit}` };
}
