import { stringify } from "yaml";
import { durationText } from "../objective/duration.ts";
import { checkMade } from "../objective/made.ts";
import type { Objective } from "../objective/objective.ts";
import { EXTRAS } from "./extras.ts";
import { SOURCE_TYPE } from "./read-sli.ts";
import { CALENDAR } from "./read-window.ts";

const API = "openslo/v1";
/** The first of a year, a quarter and a month, and a Monday. */
const START_TIME = "2024-01-01 00:00:00";
/** Names that every implementation of OpenSLO supports. */
const MAX_NAME = 63;
/** Texts that are no texts to older readers of YAML (`yes`, `12:30`, dates) are put in quotes. */
const WRITING = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;
const METHODS = {
  occurrences: "Occurrences",
  "time-slices": "Timeslices",
  "ratio-time-slices": "RatioTimeslices",
} as const;

/**
 * Writes objectives as OpenSLO v1: an SLO each, with its indicator and alert policies inside, and
 * the services that they name. `parseOpenSlo` reads the same objectives from it. What OpenSLO has
 * no field for (actions, sources, coverage) is in one annotation. A target of 100 % is written as
 * `target: 1`, which is beyond the specification's [0, 1).
 *
 * @throws {ConfigError} `BR9001` for what `objective` did not make.
 */
export function toOpenSlo(objectives: Objective | readonly Objective[]): string {
  const all = Array.isArray(objectives)
    ? (objectives as readonly Objective[])
    : [objectives as Objective];
  for (const [index, one] of all.entries()) {
    checkMade(`toOpenSlo[${index}]`, one, ["objective"]);
  }
  const services = new Set(all.flatMap(({ service }) => (service === undefined ? [] : [service])));
  const taken = new Set<string>();
  const documents = [
    ...[...services].map((name) => ({
      apiVersion: API,
      kind: "Service",
      metadata: { name },
      spec: {},
    })),
    ...all.map((objective) => toSlo(objective, uniqueName(objective.name, taken))),
  ];
  return documents.map((document) => stringify(document, WRITING)).join("---\n");
}

function toSlo(objective: Objective, name: string): object {
  const { window, method, target, threshold, description, service, options } = objective;
  const extras = {
    ...(name !== objective.name && { name: objective.name }),
    ...(method.kind !== "occurrences" && method.noData !== "ignore" && { noData: method.noData }),
    ...(options.actions && { actions: options.actions }),
    ...(options.sources && { sources: options.sources }),
    ...(options.minCoverage && { minCoverage: options.minCoverage }),
  };
  const hasExtras = Object.keys(extras).length > 0;
  const annotations = { [EXTRAS]: JSON.stringify(extras) };
  return {
    apiVersion: API,
    kind: "SLO",
    metadata: { name, ...(hasExtras && { annotations }) },
    spec: {
      ...(description !== undefined && { description }),
      ...(service !== undefined && { service }),
      indicator: toSli(objective),
      timeWindow: [
        window.kind === "rolling"
          ? { duration: durationText(window.lengthMs), isRolling: true }
          : {
              duration: CALENDAR[window.period],
              isRolling: false,
              calendar: { startTime: START_TIME, timeZone: window.timeZone },
            },
      ],
      budgetingMethod: METHODS[method.kind],
      objectives: [
        {
          ...(threshold && toComparison(threshold)),
          target: target.value,
          ...(method.kind === "time-slices" && { timeSliceTarget: method.target }),
          ...(method.kind !== "occurrences" && { timeSliceWindow: durationText(method.sliceMs) }),
        },
      ],
      ...(options.alerts && { alertPolicies: toPolicies(objective, name) }),
    },
  };
}

function toSli({ sli, match, threshold }: Objective): object {
  const metadata = { name: slug(sli) };
  const unit = threshold?.unit === "nanoUsd" ? "usd" : threshold?.unit;
  const metric = (more: object): object => ({
    metricSource: { type: SOURCE_TYPE, spec: { sli, ...match, ...more } },
  });
  if (unit !== undefined) return { metadata, spec: { thresholdMetric: metric({ unit }) } };
  const ratioMetric = { counter: true, good: metric({ outcome: "good" }), total: metric({}) };
  return { metadata, spec: { ratioMetric } };
}

function toComparison({ good, value, unit }: NonNullable<Objective["threshold"]>): object {
  const op = good === "at-most" ? "lte" : "gte";
  return { op, value: unit === "nanoUsd" ? value / 1e9 : value };
}

function toPolicies({ rules }: Objective, name: string): object[] {
  return rules.map(({ severity, long, short, factor, whenNoData }) => ({
    kind: "AlertPolicy",
    metadata: { name: slug(`${name}-${severity}-${long}`) },
    spec: {
      alertWhenBreaching: true,
      ...(whenNoData && { alertWhenNoData: true }),
      conditions: [
        {
          kind: "AlertCondition",
          metadata: { name: slug(`${name}-burn-${long}`) },
          spec: {
            severity,
            condition: {
              kind: "burnrate",
              op: "gt",
              threshold: factor,
              lookbackWindow: long,
              alertAfter: short,
            },
          },
        },
      ],
      notificationTargets: [],
    },
  }));
}

function uniqueName(name: string, taken: Set<string>): string {
  const base = slug(name);
  let unique = base;
  for (let count = 2; taken.has(unique); count++) {
    const suffix = `-${count}`;
    unique = base.slice(0, MAX_NAME - suffix.length) + suffix;
  }
  taken.add(unique);
  return unique;
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
function slug(text: string): string {
  const kept = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_NAME);
  return kept.replace(/^-+|-+$/g, "") || "objective";
}
