import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { spentToNano, usdToNano } from "../config/money.ts";
import { optionError } from "../config/option-error.ts";
import type { BudgetUnit } from "../ledger/ledger.ts";
import type { Budget, BudgetOptions } from "./budget.ts";
import { DIMENSIONS, parseBudgetText } from "./budget-text.ts";
import { checkMatch } from "./check-match.ts";
import { checkOutageRule, defaultOutageRule } from "./check-outage-rule.ts";
import { checkThresholds, DEFAULT_THRESHOLDS } from "./check-thresholds.ts";
import { checkWindow } from "./check-window.ts";
import { isAboutModels, isAboutTools } from "./scope-field.ts";

const MAX_BUDGETS = 1_000;
const UNITS = ["usd", "tokens", "calls"] as const satisfies readonly BudgetUnit[];
const A_BUDGET = 'a budget such as "$5/day", or an object with an id, a limit and a window';
const KEYS = ["id", "limit", "window", "per", "match", "at", "onStoreOutage"] as const;

/**
 * Checks one budget, given as a string (`"$5/day per org"`) or as an object, and turns it into
 * whole nano-dollars, tokens or calls. `path` names it in errors, such as `budgets[0]`.
 *
 * @throws {ConfigError} `BR9001` naming the option, what was given, what is allowed and the nearest
 * valid spelling.
 */
export function parseBudget(path: string, input: string | BudgetOptions): Budget {
  if (typeof input === "string") {
    const text = parseBudgetText(path, input);
    const onStoreOutage = defaultOutageRule(text.unit);
    return settlePer(path, { ...text, match: {}, thresholds: DEFAULT_THRESHOLDS, onStoreOutage });
  }
  const given = checkObject(path, input, A_BUDGET);
  refuseUnknownKeys(path, given, KEYS);
  const limit = checkLimit(`${path}.limit`, given["limit"]);
  const match = checkMatch(`${path}.match`, given["match"]);
  if (limit.unit === "tokens" && isAboutTools(match)) {
    throw optionError(`${path}.limit`, given["limit"], "usd or calls: tools use no tokens");
  }
  const budget = settlePer(path, {
    id: checkString(`${path}.id`, given["id"]),
    ...limit,
    window: checkWindow(`${path}.window`, given["window"]),
    per:
      given["per"] === undefined ? undefined : checkOneOf(`${path}.per`, given["per"], DIMENSIONS),
    match,
    thresholds: checkThresholds(`${path}.at`, given["at"]),
    onStoreOutage: checkOutageRule(`${path}.onStoreOutage`, given["onStoreOutage"], limit.unit),
  });
  if (budget.window.kind === "call" && given["at"] !== undefined && budget.thresholds.length > 0) {
    throw optionError(`${path}.at`, given["at"], "left out: of a call window nothing adds up");
  }
  return budget;
}

/**
 * Checks a list of at most 1,000 budgets with different ids.
 * @throws {ConfigError} `BR9001`
 */
export function parseBudgets(path: string, inputs: readonly (string | BudgetOptions)[]): Budget[] {
  const places = new Map<string, string>();
  return checkArray(path, inputs, MAX_BUDGETS).map((input, index) => {
    const place = `${path}[${index}]`;
    const budget = parseBudget(place, input as string | BudgetOptions);
    const earlier = places.get(budget.id);
    if (earlier !== undefined) {
      throw optionError(
        place,
        budget.id,
        `a budget with an id of its own: ${earlier} has the same`,
      );
    }
    places.set(budget.id, place);
    return budget;
  });
}

/**
 * Checks an amount, such as the limit of a budget object: exactly one of `usd`, `tokens` and
 * `calls`.
 * @throws {ConfigError} `BR9001`
 */
export function checkLimit(
  path: string,
  value: unknown,
  min: 0 | 1 = 1,
): Pick<Budget, "unit" | "limit"> {
  const given = checkObject(path, value, "an object such as { usd: 5 }");
  refuseUnknownKeys(path, given, UNITS);
  const [unit, ...others] = UNITS.filter((name) => given[name] !== undefined);
  if (unit === undefined || others.length > 0) {
    throw optionError(path, value, "an object with exactly one of usd, tokens and calls");
  }
  const amount = given[unit];
  if (unit !== "usd") return { unit, limit: checkWholeNumber(`${path}.${unit}`, amount, { min }) };
  if (amount === 0 && min === 0) return { unit, limit: 0 };
  if (typeof amount !== "number") throw optionError(`${path}.usd`, amount, "a number of dollars");
  if (amount < 0 && min === 0) throw optionError(`${path}.usd`, amount, "an amount of $0 or more");
  const toNano = min === 0 ? spentToNano : usdToNano;
  return { unit, limit: toNano(`${path}.usd`, amount) };
}

/**
 * A task's own window is already per task, and a single call is not split by anything. A model that
 * no covered call has, or a tool, would leave them all in one account.
 */
function settlePer(path: string, budget: Budget): Budget {
  const { per, match } = budget;
  if (per === undefined) return budget;
  if (budget.window.kind === "call") {
    throw optionError(path, budget.id, "without per: a call window limits each call by itself");
  }
  if ((per === "tool" && isAboutModels(match)) || (per === "model" && isAboutTools(match))) {
    const expected = `without per: none of the calls that its match covers has a ${per}`;
    throw optionError(path, budget.id, expected);
  }
  return budget.per === budget.window.kind ? { ...budget, per: undefined } : budget;
}
