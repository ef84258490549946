import { METRIC, OWN } from "../semantic-conventions.ts";
import { type MetricFamily, type NumberPoint, numbers } from "./metric-family.ts";
import type { SloSource, SloStatus } from "./slo-source.ts";

/** Objectives, and absence rules, that are shown: as many as one file of Prometheus rules has. */
export const MAX_OBJECTIVES = 10_000;

/** What the engine says at this moment. A figure that is not known has no sample: it is never 0. */
export function sloFamilies(engine: SloSource): MetricFamily[] {
  const remaining: NumberPoint[] = [];
  const burn: NumberPoint[] = [];
  const states: NumberPoint[] = [];
  const alerts: NumberPoint[] = [];
  const events: NumberPoint[] = [];
  for (const { name } of engine.objectives.slice(0, MAX_OBJECTIVES)) {
    const status = engine.status(name);
    const slo = { [OWN.slo]: name };
    add(remaining, slo, status.remaining);
    for (const [window, value] of Object.entries(status.burn)) {
      add(burn, { ...slo, [OWN.window]: window }, value);
    }
    states.push({ labels: { ...slo, [OWN.state]: status.state }, value: 1 });
    alerts.push(...alertPoints(slo, status));
    const counts = engine.counts?.(name);
    if (counts === undefined) continue;
    events.push({ labels: { ...slo, [OWN.outcomeShort]: "good" }, value: counts.good });
    events.push({ labels: { ...slo, [OWN.outcomeShort]: "bad" }, value: counts.bad });
  }
  return [
    numbers(METRIC.sloEvents, events),
    numbers(METRIC.sloRemaining, remaining),
    numbers(METRIC.sloBurn, burn),
    numbers(METRIC.sloState, states),
    numbers(METRIC.sloAlert, alerts),
    numbers(METRIC.absenceLastEvent, heardPoints(engine)),
  ];
}

function alertPoints(slo: Record<string, string>, { alerts = [] }: SloStatus): NumberPoint[] {
  return alerts.map(({ severity, long, short, firing }) => ({
    labels: {
      ...slo,
      [OWN.severity]: severity,
      [OWN.longWindow]: long,
      [OWN.shortWindow]: short,
    },
    value: firing ? 1 : 0,
  }));
}

function heardPoints(engine: SloSource): NumberPoint[] {
  const heard = engine.lastHeard?.() ?? [];
  return heard.slice(0, MAX_OBJECTIVES).map(({ rule, lastEventAtMs }) => ({
    labels: { [OWN.rule]: rule },
    value: lastEventAtMs / 1_000,
  }));
}

function add(
  points: NumberPoint[],
  labels: Record<string, string>,
  value: number | null | undefined,
): void {
  if (typeof value === "number" && Number.isFinite(value)) points.push({ labels, value });
}
