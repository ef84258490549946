import {
  checkArray,
  checkBoolean,
  checkFraction,
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import {
  type BurnRule,
  defaultRules,
  isReachable,
  type ScaledRules,
  shortOf,
  sliceNotes,
  toRule,
} from "../alerts/burn-rule.ts";
import { checkAction, type ObjectiveAction } from "./action.ts";
import { checkDuration, durationText, MINUTE_MS } from "./duration.ts";
import { checkMatch } from "./match.ts";
import { checkMethod } from "./method.ts";
import type { EventSource, Objective, ObjectiveOptions } from "./objective.ts";
import { checkObjectiveWindow, type ObjectiveWindow } from "./objective-window.ts";
import { COUNTED, checkSli } from "./sli.ts";
import { checkTarget, type Target } from "./target.ts";
import { checkThreshold } from "./threshold.ts";

/** Options of an objective. */
export const OBJECTIVE_KEYS: readonly (keyof ObjectiveOptions)[] = [
  "name",
  "sli",
  "target",
  "window",
  "match",
  "threshold",
  "method",
  "alerts",
  "actions",
  "sources",
  "minCoverage",
  "description",
  "service",
];
const SOURCES: readonly EventSource[] = ["guard", "application"];
const MAX_TEXT = 1_000;
/** Room for who we are in front of it, where guards keep who did something. */
const MAX_NAME = 150;

/**
 * Makes an objective over one indicator: which share of its events must be good over which window.
 * Everything is checked here, so that nothing is half-loaded later.
 *
 * @example
 * objective({ name: "refunds", sli: "task_success", target: 0.99, window: "30d", match: { agent: "support" } });
 * @throws {ConfigError} `BR9001` for an unknown option, an impossible target or window, a missing or
 *   misspelt indicator, a threshold of another unit, or an alert factor that can never be reached.
 */
export function objective(options: ObjectiveOptions): Objective {
  return checkObjective("objective", options);
}

/** The same with a path of the caller's, for files. @throws {ConfigError} `BR9001` */
export function checkObjective(path: string, options: unknown): Objective {
  const given = checkObject(path, options);
  refuseUnknownKeys(path, given, OBJECTIVE_KEYS);
  const name = checkString(`${path}.name`, given["name"], MAX_NAME);
  const at = `${path} ${JSON.stringify(name)}`;
  const sli = checkSli(`${at}.sli`, given["sli"]);
  const target = checkTarget(`${at}.target`, given["target"]);
  const window = checkObjectiveWindow(`${at}.window`, given["window"]);
  const isCounted = COUNTED.includes(sli) || sli.startsWith("eval:");
  const method = checkMethod(`${at}.method`, given["method"]);
  const sliceMs = method.kind === "occurrences" ? 0 : method.sliceMs;
  const { rules, notes } = checkAlerts(`${at}.alerts`, given["alerts"], window, target, sliceMs);
  return Object.freeze({
    kind: "objective" as const,
    name,
    sli,
    target,
    window,
    match: checkMatch(`${at}.match`, given["match"]),
    threshold: checkThreshold(`${at}.threshold`, given["threshold"], sli, isCounted),
    method,
    rules,
    actions: checkActions(`${at}.actions`, given["actions"], target, rules),
    sources: checkSources(`${at}.sources`, given["sources"]),
    minCoverage: checkFraction(`${at}.minCoverage`, given["minCoverage"] ?? 0, { allowZero: true }),
    description: optionalText(`${at}.description`, given["description"]),
    service: optionalText(`${at}.service`, given["service"]),
    notes,
    options: given as unknown as ObjectiveOptions,
  });
}

/** What no alert can begin would be waited for in vain. */
function checkActions(
  path: string,
  given: unknown,
  { budget }: Target,
  rules: readonly BurnRule[],
): readonly ObjectiveAction[] {
  const severities = budget === 0 ? ["page"] : rules.map(({ severity }) => severity);
  const triggers = ["exhausted", ...(severities.length > 0 ? ["burn"] : []), ...severities];
  return checkArray(path, given ?? [], 20).map((action, index) => {
    const checked = checkAction(`${path}[${index}]`, action);
    if (triggers.includes(checked.on)) return checked;
    const allowed = [...new Set(triggers)].join(", ");
    throw optionError(
      `${path}[${index}].on`,
      checked.on,
      `${allowed}: no other alert can fire here`,
    );
  });
}

function optionalText(path: string, given: unknown): string | undefined {
  return given === undefined ? undefined : checkString(path, given, MAX_TEXT);
}

function checkSources(path: string, given: unknown): readonly EventSource[] {
  if (given === undefined) return SOURCES;
  const sources = checkArray(path, given, 2).map((one) => checkOneOf(path, one, SOURCES));
  if (sources.length === 0) throw optionError(path, given, "at least one source");
  return [...new Set(sources)];
}

function checkAlerts(
  path: string,
  given: unknown,
  window: ObjectiveWindow,
  target: Target,
  sliceMs: number,
): ScaledRules {
  if (target.budget === 0) {
    if (given === undefined) return { rules: [], notes: [] };
    throw optionError(path, given, "left out at a target of 100 %: its first bad event alerts");
  }
  if (given === undefined) return defaultRules(window.lengthMs, target, sliceMs);
  const rules = checkArray(path, given, 20).map((alert, index) =>
    checkAlert(`${path}[${index}]`, alert, window, target, sliceMs),
  );
  checkDifferent(path, rules);
  return { rules, notes: sliceMs === 0 ? [] : sliceNotes(rules, target, sliceMs) };
}

/** By these three an alert is known in events, metrics and rules. */
function checkDifferent(path: string, rules: readonly BurnRule[]): void {
  const seen = new Map<string, number>();
  for (const [index, { severity, long, short }] of rules.entries()) {
    const key = `${severity} over ${long} and ${short}`;
    const first = seen.get(key);
    if (first !== undefined) {
      const expected = `different from alerts[${first}], a ${severity} over the same windows, of which the lower factor is enough`;
      throw optionError(`${path}[${index}].long`, long, expected);
    }
    seen.set(key, index);
  }
}

function checkAlert(
  path: string,
  given: unknown,
  window: ObjectiveWindow,
  target: Target,
  sliceMs: number,
): BurnRule {
  const alert = checkObject(path, given);
  refuseUnknownKeys(path, alert, ["severity", "long", "short", "factor", "whenNoData"]);
  const severity = checkOneOf(`${path}.severity`, alert["severity"], ["page", "ticket"]);
  const bounds = { minMs: 5 * MINUTE_MS, maxMs: window.lengthMs };
  const longMs = checkMinutes(`${path}.long`, alert["long"], bounds);
  const shortMs =
    alert["short"] === undefined
      ? Math.min(longMs, shortOf(longMs, sliceMs))
      : checkMinutes(`${path}.short`, alert["short"], { minMs: 2 * MINUTE_MS, maxMs: longMs });
  const factor = alert["factor"];
  if (typeof factor !== "number" || !(factor > 0) || factor > 1e6 || /e/.test(String(factor))) {
    throw optionError(`${path}.factor`, factor, "a number above 0: how much faster than evenly");
  }
  if (!isReachable(factor, target)) {
    const [highest, sensible] = [1, 0.8].map((rate) =>
      Number((rate / target.budget).toPrecision(4)),
    );
    const because = `at a target of ${target.text} a burn rate never exceeds ${highest}`;
    throw optionError(
      `${path}.factor`,
      factor,
      `below ${highest}, such as ${sensible}: ${because}`,
    );
  }
  const whenNoData = checkBoolean(`${path}.whenNoData`, alert["whenNoData"] ?? false);
  return toRule({ severity, longMs, shortMs, factor, whenNoData }, target);
}

function checkMinutes(
  path: string,
  given: unknown,
  bounds: { readonly minMs: number; readonly maxMs: number },
): number {
  const ms = checkDuration(path, given, bounds);
  if (ms % MINUTE_MS === 0) return ms;
  throw optionError(path, given, `whole minutes; the nearest is ${durationText(shortOf(ms * 12))}`);
}
