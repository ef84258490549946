import type { Meter, Observable } from "@opentelemetry/api";
import type { MetricFamily, NumberPoint } from "../collect/metric-family.ts";
import { METRIC } from "../semantic-conventions.ts";

/**
 * Registers observable instruments for every counter and gauge: the SDK asks when it collects, and
 * no call of the guard ever waits for it. Histograms go through the metric producer, because the
 * API has no observable one. Returns a function that stops it.
 */
export function observe(
  meter: Meter,
  refresh: () => Promise<void>,
  collect: () => readonly MetricFamily[],
): () => void {
  const instruments = new Map<string, Observable>();
  for (const { name, kind, unit, help } of Object.values(METRIC)) {
    if (kind === "histogram") continue;
    const options = { unit, description: help };
    const instrument =
      kind === "counter"
        ? meter.createObservableCounter(name, options)
        : meter.createObservableGauge(name, options);
    instruments.set(name, instrument);
  }
  const all = [...instruments.values()];
  const states = new Map<string, NumberPoint>();
  const callback: Parameters<Meter["addBatchObservableCallback"]>[0] = async (result) => {
    await refresh();
    for (const { kind, definition, points } of collect()) {
      const instrument = instruments.get(definition.name);
      if (kind === "histogram" || instrument === undefined) continue;
      const told = definition === METRIC.sloState ? withFormer(states, points) : points;
      for (const { labels, value } of told) result.observe(instrument, value, labels);
    }
  };
  meter.addBatchObservableCallback(callback, all);
  return () => meter.removeBatchObservableCallback(callback, all);
}

/**
 * What nobody observes any more a cumulative SDK goes on telling as it was: a state that is over
 * must be said to be, or an objective would be healthy and exhausted at once.
 */
function withFormer(
  known: Map<string, NumberPoint>,
  points: readonly NumberPoint[],
): readonly NumberPoint[] {
  const now = new Map(points.map((point) => [JSON.stringify(point.labels), point]));
  for (const [key, { labels }] of known) if (!now.has(key)) now.set(key, { labels, value: 0 });
  for (const [key, point] of now) known.set(key, point);
  return [...now.values()];
}
