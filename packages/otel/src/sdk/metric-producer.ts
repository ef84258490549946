import type { HrTime } from "@opentelemetry/api";
import type { HistogramPoint, MetricFamily, NumberPoint } from "../collect/metric-family.ts";

/** Values of the SDK's enums; nothing of the SDK is loaded, nor needed to compile. */
const CUMULATIVE = 1;
const DOUBLE = 1;
const HISTOGRAM = 0;
const GAUGE = 2;
const SUM = 3;

/** What is the same for every kind of metric. */
interface Produced {
  readonly descriptor: {
    readonly name: string;
    readonly unit: string;
    readonly description: string;
    readonly valueType: typeof DOUBLE;
  };
  readonly aggregationTemporality: typeof CUMULATIVE;
}

interface Point<V> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Record<string, string>;
  readonly value: V;
}

/** A metric as the SDK's `MetricData` has it. */
export type ProducedMetric = Produced &
  (
    | {
        readonly dataPointType: typeof HISTOGRAM;
        readonly dataPoints: Point<{
          buckets: { boundaries: number[]; counts: number[] };
          sum: number;
          count: number;
          min: number;
          max: number;
        }>[];
      }
    | { readonly dataPointType: typeof GAUGE; readonly dataPoints: Point<number>[] }
    | {
        readonly dataPointType: typeof SUM;
        readonly isMonotonic: true;
        readonly dataPoints: Point<number>[];
      }
  );

/** An empty resource: readers take that of their own SDK. */
interface ProducedResource {
  readonly attributes: Record<string, never>;
  merge(other: ProducedResource | null): ProducedResource;
  getRawAttributes(): [];
}

/** The SDK's `MetricProducer`, by its shape: for `metricProducers: []` of a metric reader. */
export interface OtelMetricProducer {
  collect(): Promise<{
    resourceMetrics: {
      resource: ProducedResource;
      scopeMetrics: { scope: { name: string }; metrics: ProducedMetric[] }[];
    };
    errors: unknown[];
  }>;
}

/** What the producer reads. */
export interface ProducerSources {
  /** Asks for what is not in memory. */
  readonly refresh: () => Promise<void>;
  readonly collect: () => readonly MetricFamily[];
  readonly nowMs: () => number;
  readonly startedAtMs: number;
}

const EMPTY_RESOURCE: ProducedResource = {
  attributes: {},
  merge: (other) => other ?? EMPTY_RESOURCE,
  getRawAttributes: () => [],
};

/** Hands our metrics to an SDK's reader whenever it collects: cumulative, from when it was made. */
export function metricProducer({
  refresh,
  collect,
  nowMs,
  startedAtMs,
}: ProducerSources): OtelMetricProducer {
  const startTime = hrTime(startedAtMs);
  return {
    collect: async () => {
      await refresh();
      const endTime = hrTime(nowMs());
      const metrics = collect().map((family) => toMetric(family, startTime, endTime));
      const scopeMetrics = [{ scope: { name: "@burnrate/otel" }, metrics }];
      return { resourceMetrics: { resource: EMPTY_RESOURCE, scopeMetrics }, errors: [] };
    },
  };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}

function toMetric(family: MetricFamily, startTime: HrTime, endTime: HrTime): ProducedMetric {
  const { name, unit, help, kind } = family.definition;
  const common: Produced = {
    descriptor: { name, unit, description: help, valueType: DOUBLE },
    aggregationTemporality: CUMULATIVE,
  };
  const at = { startTime, endTime };
  if (family.kind === "histogram") {
    const dataPoints = family.points.map((point) => ({ ...at, ...distribution(point) }));
    return { ...common, dataPointType: HISTOGRAM, dataPoints };
  }
  const dataPoints = family.points.map((point) => ({ ...at, ...number(point) }));
  return kind === "gauge"
    ? { ...common, dataPointType: GAUGE, dataPoints }
    : { ...common, dataPointType: SUM, isMonotonic: true, dataPoints };
}

function number({ labels, value }: NumberPoint) {
  return { attributes: { ...labels }, value };
}

function distribution({ labels, histogram }: HistogramPoint) {
  const { bounds, counts, sum, count, min, max } = histogram;
  const buckets = { boundaries: [...bounds], counts: [...counts] };
  return { attributes: { ...labels }, value: { buckets, sum, count, min, max } };
}
