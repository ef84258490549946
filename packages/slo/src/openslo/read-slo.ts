import { isGuardError } from "@burnrate/core";
import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkObjective } from "../objective/create-objective.ts";
import type { MethodOption } from "../objective/method.ts";
import type { Objective, ObjectiveOptions } from "../objective/objective.ts";
import { type ReadExtras, readExtras } from "./extras.ts";
import {
  type Fields,
  type OpenSloObject,
  placed,
  readMetadata,
  withPlace,
} from "./open-slo-object.ts";
import { type ReadAlert, readAlerts } from "./read-alerts.ts";
import { type ReadSli, readSli, readThreshold } from "./read-sli.ts";
import { readWindow } from "./read-window.ts";
import type { Registry } from "./registry.ts";

const KEYS = [
  "description",
  "service",
  "indicator",
  "indicatorRef",
  "timeWindow",
  "budgetingMethod",
  "objectives",
  "alertPolicies",
];
const OBJECTIVE_KEYS = [
  "displayName",
  "op",
  "value",
  "target",
  "targetPercent",
  "timeSliceTarget",
  "timeSliceWindow",
];
/** What our objectives hold; OpenSLO allows 50 more. */
const MAX_DESCRIPTION = 1_000;
const METHODS = ["Occurrences", "Timeslices", "RatioTimeslices"] as const;

/** Reads an SLO; each of its objectives is one of ours. @throws {ConfigError} `BR9001` */
export function readSlo(slo: OpenSloObject, registry: Registry): Objective[] {
  return withPlace(slo.place, () => {
    const spec = checkObject("spec", slo.spec);
    refuseUnknownKeys("spec", spec, KEYS);
    const extras = readExtras(slo);
    const sli = readIndicator(slo, spec, registry);
    const alerts = readAlerts(slo, spec["alertPolicies"], registry);
    const shared = {
      sli: sli.sli,
      window: readWindow("spec.timeWindow", spec["timeWindow"]),
      match: sli.match,
      alerts: alerts?.map(({ option }) => option),
      description: oneLine("spec.description", spec["description"]),
      service: readService(spec["service"], registry),
      ...extras.options,
    };
    const objectives = checkArray("spec.objectives", spec["objectives"], 100);
    if (objectives.length === 0) {
      throw optionError("spec.objectives", objectives, "a list with at least one target");
    }
    return objectives.map((one, index) => {
      const path = `spec.objectives[${index}]`;
      const given = checkObject(path, one);
      refuseUnknownKeys(path, given, OBJECTIVE_KEYS);
      const part = given["displayName"] ?? index + 1;
      const own = extras.name ?? slo.name;
      const options = {
        ...shared,
        name: objectives.length === 1 ? own : `${own}/${part}`,
        target: readTarget(path, given),
        threshold: readThreshold(path, given, sli),
        method: readMethod(path, given, spec["budgetingMethod"], extras),
      };
      return build(options, slo, pathsOf(path, given), sli.from, alerts ?? []);
    });
  });
}

/** Where a file says what an option of ours is made of, by the option's beginning. */
type Paths = readonly (readonly [option: RegExp, path: string])[];

function pathsOf(path: string, { target }: Fields): Paths {
  return [
    [/^target/, `${path}.${target === undefined ? "targetPercent" : "target"}`],
    [/^threshold/, `${path}.value`],
    [/^method\.\w+\.every/, `${path}.timeSliceWindow`],
    [/^method/, `${path}.timeSliceTarget`],
    [/^window\.timeZone/, "spec.timeWindow[0].calendar.timeZone"],
    [/^window/, "spec.timeWindow[0].duration"],
    [/^(actions|sources|minCoverage)/, "metadata.annotations"],
    [/^name/, "metadata.name"],
    [/^/, "spec"],
  ];
}

/** Lets our own checks decide, and tells what they refuse with the line of the file. */
function build(
  options: { readonly [K in keyof ObjectiveOptions]: ObjectiveOptions[K] | undefined },
  { place }: OpenSloObject,
  paths: Paths,
  from: ReadSli["from"],
  alerts: readonly ReadAlert[],
): Objective {
  try {
    return checkObjective("objective", options);
  } catch (error) {
    const scope = isGuardError(error) ? (error.scope ?? "") : "";
    const field = scope.replace(/^objective(?: ".*")?\./, "");
    const [, index, option] = /^alerts\[(\d+)\]\.?(.*)/.exec(field) ?? [];
    const condition = alerts[Number(index)]?.condition;
    if (condition !== undefined) {
      throw placed(error, condition.place, conditionPath(condition, option));
    }
    if (/^(sli|match)/.test(field)) throw placed(error, from.place, from.path);
    throw placed(error, place, paths.find(([one]) => one.test(field))?.[1] ?? "");
  }
}

function conditionPath({ at }: OpenSloObject, option: string | undefined): string {
  const names = { long: "lookbackWindow", short: "alertAfter", factor: "threshold" } as const;
  const key = names[option as keyof typeof names];
  return key === undefined ? `${at}spec.condition` : `${at}spec.condition.${key}`;
}

function readIndicator(slo: OpenSloObject, spec: Fields, registry: Registry): ReadSli {
  const { indicator, indicatorRef } = spec;
  if ((indicator === undefined) === (indicatorRef === undefined)) {
    throw optionError("spec", slo.spec, "an object with either indicator or indicatorRef");
  }
  if (indicatorRef !== undefined) {
    const sli = registry.find("SLI", "spec.indicatorRef", indicatorRef);
    return withPlace(sli.place, () => readSli(sli));
  }
  const at = "spec.indicator";
  const given = checkObject(at, indicator);
  refuseUnknownKeys(at, given, ["metadata", "spec"]);
  const { name, annotations } = readMetadata(`${at}.metadata`, given["metadata"]);
  return readSli({ ...slo, kind: "SLI", name, annotations, spec: given["spec"], at: `${at}.` });
}

/** A file that has services has all of them; one without may name a service of another file. */
function readService(service: unknown, registry: Registry): string | undefined {
  if (service === undefined) return undefined;
  if (registry.all("Service").length > 0) registry.find("Service", "spec.service", service);
  return checkString("spec.service", service);
}

function readTarget(path: string, given: Fields): number | string {
  const { target, targetPercent } = given;
  if ((target === undefined) === (targetPercent === undefined)) {
    throw optionError(path, given, "an object with either target or targetPercent");
  }
  const key = target === undefined ? "targetPercent" : "target";
  const value = given[key];
  if (typeof value !== "number" || !(value > 0)) {
    throw optionError(`${path}.${key}`, value, "a number above 0");
  }
  return key === "target" ? value : `${value} %`;
}

function readMethod(
  path: string,
  given: Fields,
  budgetingMethod: unknown,
  { noData }: ReadExtras,
): MethodOption {
  const method = checkOneOf("spec.budgetingMethod", budgetingMethod, METHODS);
  const { timeSliceTarget, timeSliceWindow } = given;
  if (method === "Occurrences") {
    const found = ["timeSliceTarget", "timeSliceWindow"].find((key) => given[key] !== undefined);
    if (found === undefined) return "occurrences";
    throw optionError(`${path}.${found}`, given[found], "left out: Occurrences has no slices");
  }
  if (timeSliceWindow === undefined) {
    throw optionError(`${path}.timeSliceWindow`, undefined, `given, such as 5m, for ${method}`);
  }
  const every = typeof timeSliceWindow === "number" ? `${timeSliceWindow}m` : timeSliceWindow;
  const slices = { every: every as string, ...(noData && { noData }) };
  if (method === "RatioTimeslices") return { ratioTimeSlices: slices };
  if (typeof timeSliceTarget !== "number") {
    throw optionError(`${path}.timeSliceTarget`, timeSliceTarget, "a number for Timeslices");
  }
  return { timeSlices: { ...slices, target: timeSliceTarget } };
}

/** Block texts of YAML have line breaks; ours are one line. */
function oneLine(path: string, text: unknown): string | undefined {
  if (text === undefined || text === "") return undefined;
  const isBlock = typeof text === "string" && text.includes("\n");
  return checkString(path, isBlock ? text.replace(/\s*\n\s*/g, " ").trim() : text, MAX_DESCRIPTION);
}
