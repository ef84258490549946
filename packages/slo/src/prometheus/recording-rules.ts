import type { Objective } from "../objective/objective.ts";
import { quoted } from "./write-yaml.ts";

/** Counts of an objective's good and bad events (or slices) since its exporter began. */
const EVENTS = "agent_sli_events_total";

/** One rule that records a series under a name of its own. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Selectors of one objective's recordings over one window. */
export interface WindowSeries {
  readonly bad: string;
  readonly total: string;
  readonly ratio: string;
}

/** The first bad event of the last hour alerts at a target of 100 %. */
export const ZERO_TOLERANCE: { readonly long: string; readonly short: string } = {
  long: "1h",
  short: "5m",
};

/** Events by outcome, and the share of bad ones, over every window that an alert looks at. */
export function recordingRules(objective: Objective): RecordingRule[] {
  if (objective.method.kind !== "occurrences") return [];
  const labels = { slo: objective.name.toWellFormed() };
  const events = eventsSelector(objective);
  return windowsOf(objective).flatMap((window) => {
    const { bad, total } = windowSeries(objective, window);
    const all = `sum by (slo) (${increaseName(window)}{${sloMatcher(objective)}})`;
    const increase = `sum by (outcome) (increase(${events}[${window}]))`;
    return [
      { record: increaseName(window), expr: increase, labels },
      { record: totalName(window), expr: all, labels },
      { record: ratioName(window), expr: `${bad} / ${total}`, labels },
    ];
  });
}

/** Reads the recordings of one window: counts without a label for the outcome. */
export function windowSeries(objective: Objective, window: string): WindowSeries {
  const slo = sloMatcher(objective);
  return {
    bad: `sum by (slo) (${increaseName(window)}{${slo},outcome="bad"})`,
    total: `${totalName(window)}{${slo}}`,
    ratio: `${ratioName(window)}{${slo}}`,
  };
}

/** The events of an objective as its exporter counts them. */
export function eventsSelector(objective: Objective): string {
  return `${EVENTS}{${sloMatcher(objective)}}`;
}

/** Selects one objective's series. */
export function sloMatcher({ name }: Objective): string {
  return `slo=${quoted(name)}`;
}

function increaseName(window: string): string {
  return `slo:agent_sli_events:increase${window}`;
}

function totalName(window: string): string {
  return `slo:agent_sli_events_total:increase${window}`;
}

function ratioName(window: string): string {
  return `slo:agent_sli_error:ratio${window}`;
}

/** Each window once, shortest first. */
function windowsOf({ rules, target }: Objective): string[] {
  if (target.budget === 0) return [ZERO_TOLERANCE.long];
  const windows = new Map<string, number>();
  for (const { long, longMs, short, shortMs } of rules) {
    windows.set(short, shortMs).set(long, longMs);
  }
  return [...windows].sort(([, a], [, b]) => a - b).map(([key]) => key);
}
