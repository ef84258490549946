import { checkArray, optionError } from "@burnrate/core/adapter";
import { checkMade } from "./made.ts";
import type { Objective } from "./objective.ts";
import { windowKey } from "./objective-window.ts";

/**
 * What a change means. `tightened`: some of what was good is not, or sooner alerts. `loosened`: the
 * other way. `breaking`: old and new figures cannot be compared, or an objective is gone.
 */
export type ObjectiveEffect = "tightened" | "loosened" | "breaking" | "added" | "neutral";

/** As many as an engine takes. */
const MAX_OBJECTIVES = 100_000;

/** One change of one objective. */
export interface ObjectiveChange {
  readonly objective: string;
  /** The option that changed; undefined when the whole objective came or went. */
  readonly field: string | undefined;
  readonly effect: ObjectiveEffect;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * Tells what changed between two sets of objectives, for reviews and release notes.
 * @throws {ConfigError} `BR9001` for what `objective` did not make, and a name that is used twice.
 */
export function diffObjectives(
  before: readonly Objective[],
  after: readonly Objective[],
): readonly ObjectiveChange[] {
  for (const [name, all] of Object.entries({ before, after })) {
    const path = `diffObjectives.${name}`;
    const names = new Set<string>();
    for (const [index, one] of checkArray(path, all, MAX_OBJECTIVES).entries()) {
      checkMade(`${path}[${index}]`, one, ["objective"]);
      const { name } = one as Objective;
      if (names.has(name)) {
        throw optionError(`${path}[${index}].name`, name, "unique: another has this name");
      }
      names.add(name);
    }
  }
  const old = new Map(before.map((one) => [one.name, one]));
  const changes: ObjectiveChange[] = [];
  for (const next of after) {
    const previous = old.get(next.name);
    old.delete(next.name);
    if (previous === undefined) changes.push(whole(next, "added"));
    else changes.push(...compare(previous, next));
  }
  for (const gone of old.values()) changes.push(whole(gone, "breaking"));
  return changes;
}

function whole({ name, target }: Objective, effect: "added" | "breaking"): ObjectiveChange {
  const [from, to] = effect === "added" ? [undefined, target.text] : [target.text, undefined];
  return { objective: name, field: undefined, effect, from, to };
}

/** How one option reads, and what it means when it changes. */
interface Field {
  readonly name: string;
  readonly text: (objective: Objective) => string;
  readonly effect: (before: Objective, after: Objective) => ObjectiveEffect;
}

const breaking = (): ObjectiveEffect => "breaking";
const neutral = (): ObjectiveEffect => "neutral";

function byDirection(isTighter: boolean): ObjectiveEffect {
  return isTighter ? "tightened" : "loosened";
}

const FIELDS: readonly Field[] = [
  { name: "sli", text: ({ sli }) => sli, effect: breaking },
  { name: "match", text: ({ match }) => JSON.stringify(match), effect: breaking },
  { name: "sources", text: ({ sources }) => sources.toSorted().join(", "), effect: breaking },
  { name: "method", text: ({ method }) => JSON.stringify(method), effect: breaking },
  { name: "window", text: ({ window }) => windowText(window), effect: breaking },
  {
    name: "target",
    text: ({ target }) => target.text,
    effect: (before, after) => byDirection(after.target.value > before.target.value),
  },
  {
    name: "threshold",
    text: ({ threshold }) =>
      threshold === undefined ? "none" : `${threshold.good} ${threshold.value} ${threshold.unit}`,
    effect: thresholdEffect,
  },
  {
    name: "minCoverage",
    text: ({ minCoverage }) => String(minCoverage),
    effect: (before, after) => byDirection(after.minCoverage > before.minCoverage),
  },
  { name: "alerts", text: alertsText, effect: alertsEffect },
  { name: "actions", text: ({ actions }) => JSON.stringify(actions), effect: neutral },
  { name: "service", text: ({ service }) => service ?? "none", effect: neutral },
  { name: "description", text: ({ description }) => description ?? "none", effect: neutral },
];

function compare(before: Objective, after: Objective): ObjectiveChange[] {
  return FIELDS.flatMap(({ name, text, effect }) => {
    const [from, to] = [text(before), text(after)];
    if (from === to || (name === "alerts" && followsFromTarget(before, after))) return [];
    return { objective: after.name, field: name, effect: effect(before, after), from, to };
  });
}

/**
 * Google's rules follow the target and the window, and a target of 100 % has an alert of its own:
 * that they did is told by those.
 */
function followsFromTarget(before: Objective, after: Objective): boolean {
  const isWhole = before.target.budget === 0 || after.target.budget === 0;
  return isWhole || (before.options.alerts === undefined && after.options.alerts === undefined);
}

function windowText(window: Objective["window"]): string {
  return window.kind === "rolling" ? windowKey(window) : `${window.period} in ${window.timeZone}`;
}

function thresholdEffect(
  { threshold: from }: Objective,
  { threshold: to }: Objective,
): ObjectiveEffect {
  if (from === undefined || to === undefined) return "breaking";
  if (from.good !== to.good || from.unit !== to.unit) return "breaking";
  return byDirection(from.good === "at-most" ? to.value < from.value : to.value > from.value);
}

function alertsText({ rules }: Objective): string {
  const all = rules.map(
    ({ severity, long, short, factor, whenNoData }) =>
      `${severity} ${long}/${short} × ${factor}${whenNoData ? " or no data" : ""}`,
  );
  return all.toSorted().join(", ") || "none";
}

/**
 * Lower factors over the same windows alert sooner; anything else is not a matter of more or less.
 */
function alertsEffect({ rules: from }: Objective, { rules: to }: Objective): ObjectiveEffect {
  const keyOf = (rule: (typeof from)[number]): string =>
    `${rule.severity} ${rule.long} ${rule.short}`;
  const old = new Map(from.map((rule) => [keyOf(rule), rule]));
  const steps = to.flatMap((rule) => {
    const before = old.get(keyOf(rule));
    if (before === undefined) return [-1];
    const silence = Number(before.whenNoData) - Number(rule.whenNoData);
    return [Math.sign(rule.factor - before.factor), silence];
  });
  const hasLost = from.some((rule) => !to.some((other) => keyOf(other) === keyOf(rule)));
  if (hasLost && steps.some((step) => step < 0)) return "breaking";
  if (steps.some((step) => step > 0) && steps.some((step) => step < 0)) return "breaking";
  return byDirection(!hasLost && steps.some((step) => step < 0));
}
