import type { BurnRule } from "../alerts/burn-rule.ts";
import type { GuardTable } from "../alerts/guard-table.ts";
import { durationWords } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { windowWords } from "../objective/objective-window.ts";
import { eventsSelector, sloMatcher, windowSeries, ZERO_TOLERANCE } from "./recording-rules.ts";
import { literal } from "./write-yaml.ts";

/** One rule that alerts while its expression has a result. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const BURN_ALERT = "AgentSloBurn";
const SILENCE_ALERT = "AgentSloSilence";
/** 1 while the engine says that an alert fires. */
const ENGINE_ALERT = "agent_slo_alert_firing";
const NO_DATA_ALERT = "AgentSloNoData";
/** How long an exporter may be away, say for a deployment. */
const NO_DATA_FOR = "10m";
/** What `isEvidence` asks beyond the last step of its table. */
const MIN_BAD = 2;

/** One alert for each burn-rate rule, and one for an objective of which nothing is exported. */
export function alertRules(objective: Objective): AlertRule[] {
  const burn =
    objective.target.budget === 0
      ? [zeroToleranceRule(objective)]
      : objective.rules.map((rule) => burnRule(objective, rule));
  return [...burn, ...silenceRules(objective), noDataRule(objective)];
}

function burnRule(objective: Objective, rule: BurnRule): AlertRule {
  const long = windowSeries(objective, rule.long);
  const short = windowSeries(objective, rule.short);
  const share = Number((objective.target.value * 100).toPrecision(12));
  const { severity, thresholdText } = rule;
  const isCounted = objective.method.kind === "occurrences";
  const expr = [
    `${long.ratio} > ${thresholdText}`,
    `and ${short.ratio} > ${thresholdText}`,
    `and round(${long.bad}) >= ${neededBad(rule.guard, `round(${long.total})`)}`,
  ].join("\n");
  return {
    alert: BURN_ALERT,
    expr: isCounted ? expr : engineSays(objective, severity, rule.long, rule.short),
    labels: labels(objective, severity, rule.long, rule.short),
    annotations: {
      summary: isCounted
        ? `{{ $labels.slo }}: {{ $value | humanizePercentage }} were bad in the last ${durationWords(rule.longMs)}, ${share} % should be good.`
        : `{{ $labels.slo }}: too many slices of time were bad, ${share} % should be good.`,
      description: `The ${windowWords(objective.window)} budget burns more than ${rule.factor} times as fast as it lasts, over the last ${durationWords(rule.longMs)} and the last ${durationWords(rule.shortMs)}.`,
    },
  };
}

/**
 * Rules that also alert while nothing is measured; those of slices are told by the engine already.
 */
function silenceRules(objective: Objective): AlertRule[] {
  if (objective.method.kind !== "occurrences") return [];
  return objective.rules
    .filter(({ whenNoData }) => whenNoData)
    .map(({ severity, long, longMs, short }) => ({
      alert: SILENCE_ALERT,
      expr: [
        `round(${windowSeries(objective, long).total}) == 0`,
        `and on (slo) sum by (slo) (${eventsSelector(objective)} offset ${long})`,
      ].join("\n"),
      labels: labels(objective, severity, long, short),
      annotations: {
        summary: `{{ $labels.slo }}: nothing was measured in the last ${durationWords(longMs)}.`,
      },
    }));
}

function zeroToleranceRule(objective: Objective): AlertRule {
  const { long, short } = ZERO_TOLERANCE;
  const isCounted = objective.method.kind === "occurrences";
  return {
    alert: BURN_ALERT,
    expr: isCounted
      ? `${windowSeries(objective, long).bad} > 0`
      : engineSays(objective, "page", long, short),
    labels: labels(objective, "page", long, short),
    annotations: {
      summary: "{{ $labels.slo }}: not all were good in the last hour.",
      description: "None may be bad.",
    },
  };
}

/** Slices of time are the engine's to judge: counters of events do not tell them. */
function engineSays(objective: Objective, severity: string, long: string, short: string): string {
  const rule = `severity="${severity}",long="${long}",short="${short}"`;
  return `max by (slo) (${ENGINE_ALERT}{${sloMatcher(objective)},${rule}}) > 0`;
}

function noDataRule(objective: Objective): AlertRule {
  return {
    alert: NO_DATA_ALERT,
    expr: `absent(${eventsSelector(objective)})`,
    for: NO_DATA_FOR,
    labels: { severity: "ticket", ...ownLabels(objective) },
    annotations: {
      summary: "{{ $labels.slo }}: nothing is exported, so that nobody knows how it stands.",
    },
  };
}

function labels(
  objective: Objective,
  severity: string,
  long: string,
  short: string,
): Record<string, string> {
  return { severity, long, short, ...ownLabels(objective) };
}

function ownLabels({ name, service }: Objective): Record<string, string> {
  return { slo: literal(name), ...(service !== undefined && { service: literal(service) }) };
}

/**
 * k(n) of the low-traffic guard as arithmetic over the raw count `total`: each step that is passed
 * adds what the next one asks more, and beyond the last what `isEvidence` asks there remains.
 */
function neededBad({ steps }: GuardTable, total: string): string {
  const asked = [...steps.map(({ bad }) => bad), MIN_BAD];
  const terms = steps.map(({ maxTotal }, index) => {
    const more = (asked[index + 1] as number) - (asked[index] as number);
    if (more === 0) return "";
    const passed = `(${total} > bool ${maxTotal})`;
    if (more === 1) return ` + ${passed}`;
    return more < 0 ? ` - ${-more} * ${passed}` : ` + ${more} * ${passed}`;
  });
  return `${asked[0]}${terms.join("")}`;
}
