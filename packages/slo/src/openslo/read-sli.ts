import {
  checkObject,
  checkOneOf,
  optionError,
  quote,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkMatch } from "../objective/match.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import { checkSli } from "../objective/sli.ts";
import type { ThresholdOption } from "../objective/threshold.ts";
import type { Fields, OpenSloObject, Place } from "./open-slo-object.ts";

/** Marks a metric that the guard, or the application, records into the engine. */
export const SOURCE_TYPE = "burnrate";

const RATIO_KEYS = ["counter", "good", "bad", "total", "rawType", "raw"];
const SOURCE_KEYS = ["sli", "outcome", "agent", "model", "tool", "unit"];
const MS_INDICATORS = ["latency", "time_to_first_token", "task_duration"];

/** What an indicator is, before an objective says which values are good. */
export interface ReadSli {
  readonly sli: string;
  readonly match: ObjectiveOptions["match"];
  /** Set for a `thresholdMetric`. */
  readonly unit: "ms" | "usd" | "1" | undefined;
  /** Where it is named. */
  readonly from: { readonly place: Place; readonly path: string };
}

/**
 * Reads an SLI. A metric of type `burnrate` names an indicator of ours; of any other source the
 * SLI's own name is the one that the application records under.
 * @throws {ConfigError} `BR9001`
 */
export function readSli({ name, spec, at, place }: OpenSloObject): ReadSli {
  const path = `${at}spec`;
  const given = checkObject(path, spec);
  refuseUnknownKeys(path, given, ["description", "thresholdMetric", "ratioMetric"]);
  const { thresholdMetric, ratioMetric } = given;
  if ((thresholdMetric === undefined) === (ratioMetric === undefined)) {
    throw optionError(path, spec, "an object with either ratioMetric or thresholdMetric");
  }
  const nameOf = ({ path = `${at}metadata.name` }: Source): ReadSli["from"] => ({ place, path });
  if (ratioMetric !== undefined) {
    const source = readRatio(`${path}.ratioMetric`, ratioMetric);
    const from = nameOf(source);
    return { sli: source.sli ?? name, match: source.match, unit: undefined, from };
  }
  const source = readMetric(`${path}.thresholdMetric`, thresholdMetric);
  const sli = source.sli ?? name;
  const isMs = MS_INDICATORS.includes(sli);
  const usual = isMs ? "ms" : sli === "cost_per_task" ? "usd" : "1";
  return { sli, match: source.match, unit: source.unit ?? usual, from: nameOf(source) };
}

/** The threshold of an objective over values. @throws {ConfigError} `BR9001` */
export function readThreshold(
  path: string,
  given: Fields,
  { unit }: ReadSli,
): ThresholdOption | undefined {
  if (unit === undefined) {
    if (given["value"] === undefined) return undefined;
    throw optionError(`${path}.value`, given["value"], "left out: a ratioMetric has no values");
  }
  const value = given["value"];
  if (typeof value !== "number") {
    throw optionError(`${path}.value`, value, "a number, because the SLI is a thresholdMetric");
  }
  // lt and gt would need values at the threshold to be bad: here they are good.
  const op = checkOneOf(`${path}.op`, given["op"], ["lte", "gte"]);
  if (op === "gte") {
    if (unit === "1") return { min: value };
    throw optionError(`${path}.op`, op, '"lte": less time or money is better');
  }
  return unit === "ms" ? { maxMs: value } : unit === "usd" ? { maxUsd: value } : { max: value };
}

interface Source {
  readonly type: unknown;
  /** Of the metric that names an indicator of ours. */
  readonly path: string | undefined;
  readonly sli: string | undefined;
  readonly match: ObjectiveOptions["match"];
  readonly unit: ReadSli["unit"];
}

function readRatio(path: string, value: unknown): Source {
  const ratio = checkObject(path, value);
  refuseUnknownKeys(path, ratio, RATIO_KEYS);
  const { good, bad, total, raw } = ratio;
  if (raw !== undefined) {
    throw optionError(`${path}.raw`, raw, "left out: events are counted, so give good and total");
  }
  if (total === undefined || (good === undefined) === (bad === undefined)) {
    throw optionError(path, value, "an object with total and either good or bad");
  }
  const numerator = good === undefined ? "bad" : "good";
  const source = readMetric(`${path}.${numerator}`, ratio[numerator]);
  checkSame(source, readMetric(`${path}.total`, total), numerator, `${path}.total.metricSource`);
  return source;
}

/** Good or bad events are counted among those of `total`, so both are about the same. */
function checkSame(one: Source, total: Source, numerator: string, at: string): void {
  if (one.path === undefined && total.path === undefined) return;
  const fieldsOf = ({ type, sli, match, unit }: Source): Fields => ({ type, sli, ...match, unit });
  const [wanted, given] = [fieldsOf(one), fieldsOf(total)];
  for (const key of Object.keys({ ...wanted, ...given })) {
    if (JSON.stringify(wanted[key]) === JSON.stringify(given[key])) continue;
    const expected =
      wanted[key] === undefined
        ? `left out, as it is for ${numerator}`
        : `what it is for ${numerator}, ${quote(String(wanted[key]))}`;
    throw optionError(`${at}.${key === "type" ? key : `spec.${key}`}`, given[key], expected);
  }
}

function readMetric(path: string, value: unknown): Source {
  const metric = checkObject(path, value);
  refuseUnknownKeys(path, metric, ["metricSource"]);
  const at = `${path}.metricSource`;
  const source = checkObject(at, metric["metricSource"]);
  refuseUnknownKeys(at, source, ["metricSourceRef", "type", "spec"]);
  const { type } = source;
  if (type !== SOURCE_TYPE) {
    return { type, path: undefined, sli: undefined, match: undefined, unit: undefined };
  }
  const spec = checkObject(`${at}.spec`, source["spec"]);
  refuseUnknownKeys(`${at}.spec`, spec, SOURCE_KEYS);
  const { sli, outcome: _outcome, unit, ...match } = spec;
  return {
    type,
    path: `${at}.spec`,
    sli: checkSli(`${at}.spec.sli`, sli),
    match: Object.keys(match).length === 0 ? undefined : checkMatch(`${at}.spec`, match),
    unit: unit === undefined ? undefined : checkOneOf(`${at}.spec.unit`, unit, ["ms", "usd", "1"]),
  };
}
