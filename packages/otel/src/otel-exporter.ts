import {
  type CallRecord,
  type Clock,
  type Exporter,
  type Guard,
  systemClock,
} from "@burnrate/core";
import {
  checkArray,
  checkBoolean,
  checkMethods,
  checkObject,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import {
  type Context,
  context,
  type Meter,
  ROOT_CONTEXT,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { CallMetrics } from "./accumulate/call-metrics.ts";
import { CallQueue } from "./accumulate/call-queue.ts";
import type { TracePlace } from "./accumulate/histogram.ts";
import { LabelCap } from "./accumulate/label-cap.ts";
import { labelReaders, type MetricLabel } from "./accumulate/label-option.ts";
import { AttachedGuards } from "./collect/attached-guards.ts";
import { BudgetReader } from "./collect/budget-reader.ts";
import { collect } from "./collect/collect.ts";
import type { MetricFamily } from "./collect/metric-family.ts";
import { MAX_OBJECTIVES } from "./collect/slo-families.ts";
import type { SloSource } from "./collect/slo-source.ts";
import { tellMetrics } from "./guard-metrics.ts";
import { metricProducer, type OtelMetricProducer } from "./sdk/metric-producer.ts";
import { observe } from "./sdk/observe.ts";
import { BUCKETS } from "./semantic-conventions.ts";
import { spanWriter } from "./spans/span-writer.ts";

/** Options of {@link otelExporter}; every one is optional. */
export interface OtelExporterOptions {
  /** Counters and gauges as observable instruments of this meter. */
  readonly meter?: Meter;
  /** A span for each call, under the span that was active where the call began. Off without it. */
  readonly tracer?: Tracer;
  /** Whether buckets remember a sampled trace, for OpenMetrics (default: whether spans are on). */
  readonly exemplars?: boolean;
  /** What of a call's context is a label (default `["agent"]`). */
  readonly labels?: readonly MetricLabel[];
  /** Series kept apart in each metric; later ones count as `other` (default 2,000). */
  readonly maxSeries?: number;
  /** A latency that an objective promises, in seconds: it becomes a bucket's edge. */
  readonly latencyEdgesSeconds?: readonly number[];
  /** Objectives to show: an engine of `@burnrate/slo`. */
  readonly slo?: SloSource;
  /** Whether balances of budgets are metrics, which asks the store at each scrape (default true). */
  readonly budgets?: boolean;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
}

/** What {@link otelExporter} returns. */
export interface OtelExporter extends Exporter {
  /**
   * For `metricProducers: []` of an SDK's metric reader: all metrics, or the histograms alone when
   * the exporter has a `meter` for the others.
   */
  readonly producer: OtelMetricProducer;
  attach(guard: Guard): void;
  detach(guard: Guard): void;
  exportCall(record: CallRecord, captured?: unknown): void;
  correctCall(record: CallRecord, before: CallRecord, captured?: unknown): void;
  flush(): void;
  close(): void;
}

const OPTION_KEYS: readonly (keyof OtelExporterOptions)[] = [
  "meter",
  "tracer",
  "exemplars",
  "labels",
  "maxSeries",
  "latencyEdgesSeconds",
  "slo",
  "budgets",
  "clock",
];

const SAMPLED = 1;
/** As many as an engine takes; fewer are shown. */
const ENGINE_OBJECTIVES = 100_000;

/**
 * Counts every call in numbers of this process, after the GenAI and MCP conventions, and shows them
 * to whoever asks: {@link prometheusText}, an SDK's reader, a meter. A call pays for a place in a
 * queue; it is counted a turn of the event loop later, or when somebody asks. Nothing of
 * OpenTelemetry runs on the call path, except that with spans or exemplars `begin` remembers where it was called.
 *
 * @example
 * const telemetry = otelExporter({ tracer: trace.getTracer("agents") });
 * const guard = createGuard({ exporters: [telemetry] });
 * const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [telemetry.producer] });
 * @throws {ConfigError} `BR9001` when an option is wrong.
 */
export function otelExporter(given: OtelExporterOptions = {}): OtelExporter {
  const options = checkOptions(given);
  const { clock = systemClock, tracer, meter, labels = ["agent"], maxSeries = 2_000 } = options;
  const calls = new CallMetrics({
    readers: labelReaders("otelExporter.labels", labels),
    maxSeries,
    modelBucketsSeconds: withEdges(options.latencyEdgesSeconds ?? []),
  });
  const sliCap = new LabelCap(Math.max(1, Math.floor(maxSeries / 3)));
  const hasExemplars = options.exemplars ?? tracer !== undefined;
  const queue = new CallQueue({
    count({ record, before, captured }) {
      const around = hasExemplars ? traceOf(captured) : undefined;
      if (before === undefined) calls.record(record, around);
      else calls.correct(record, before, around);
    },
    ...(tracer !== undefined && { write: spanWriter(tracer) }),
  });
  const guards = new AttachedGuards(sliCap, calls.counter, labels.includes("agent"));
  const budgets = new BudgetReader(options.budgets === false ? [] : guards, clock);
  const dropped = () => ({
    calls: queue.countErrors,
    spans: queue.unwritten,
    spanErrors: queue.writeErrors,
    budgetReads: budgets.failed,
    objectives: Math.max(0, (options.slo?.objectives.length ?? 0) - MAX_OBJECTIVES),
  });
  /** A span has a parent, here and now if nothing was captured. */
  const place = (captured: unknown): unknown =>
    tracer === undefined || isContext(captured) ? captured : context.active();
  let open = 0;
  const read = (): MetricFamily[] => {
    queue.count();
    return collect({ calls, guards, slo: options.slo, budgets, dropped });
  };
  const refresh = () => budgets.refresh();
  const startObserving = () => (meter === undefined ? undefined : observe(meter, refresh, read));
  let stopObserving = startObserving();
  const produced = (): MetricFamily[] =>
    meter === undefined ? read() : read().filter(({ kind }) => kind === "histogram");

  return {
    name: "otel",
    producer: metricProducer({
      refresh,
      collect: produced,
      nowMs: () => clock.wallMs(),
      startedAtMs: clock.wallMs(),
    }),
    attach(guard) {
      open++;
      stopObserving ??= startObserving();
      guards.add(guard);
      tellMetrics(guard, { collect: read, refresh });
    },
    detach: (guard) => guards.remove(guard),
    ...((hasExemplars || tracer !== undefined) && { captureContext: () => context.active() }),
    exportCall: (record, captured) => queue.add(record, undefined, place(captured)),
    correctCall: (record, before, captured) => queue.add(record, before, place(captured)),
    flush: () => queue.drain(),
    /** Each guard that shares it closes it once; the last one ends it, until another is made. */
    close() {
      open = Math.max(0, open - 1);
      if (open > 0) return;
      stopObserving?.();
      stopObserving = undefined;
    },
  };
}

function isContext(value: unknown): value is Context {
  return typeof (value as Context | undefined)?.getValue === "function";
}

/** The trace around a call, if it is one that somebody will find. */
function traceOf(captured: unknown): TracePlace | undefined {
  if (captured === undefined || captured === ROOT_CONTEXT) return undefined;
  const span = trace.getSpanContext(captured as Context);
  return span !== undefined && (span.traceFlags & SAMPLED) !== 0 ? span : undefined;
}

function withEdges(edges: readonly number[]): readonly number[] {
  return [...new Set([...BUCKETS.modelSeconds, ...edges])].toSorted((a, b) => a - b);
}

function checkOptions(given: OtelExporterOptions): OtelExporterOptions {
  const options = checkObject("otelExporter", given) as OtelExporterOptions;
  refuseUnknownKeys("otelExporter", options, OPTION_KEYS);
  const { meter, tracer, slo, clock, maxSeries, latencyEdgesSeconds = [] } = options;
  if (meter !== undefined) {
    checkMethods("otelExporter.meter", meter, ["createObservableCounter", "createObservableGauge"]);
  }
  if (tracer !== undefined) checkMethods("otelExporter.tracer", tracer, ["startSpan"]);
  for (const key of ["budgets", "exemplars"] as const) {
    if (options[key] !== undefined) checkBoolean(`otelExporter.${key}`, options[key]);
  }
  if (slo !== undefined) {
    checkMethods("otelExporter.slo", slo, ["status"]);
    checkArray("otelExporter.slo.objectives", slo.objectives, ENGINE_OBJECTIVES);
  }
  if (clock !== undefined) checkMethods("otelExporter.clock", clock, ["wallMs"]);
  if (maxSeries !== undefined && !(Number.isSafeInteger(maxSeries) && maxSeries >= 1)) {
    throw optionError("otelExporter.maxSeries", maxSeries, "a whole number of at least 1");
  }
  for (const edge of checkArray("otelExporter.latencyEdgesSeconds", latencyEdgesSeconds)) {
    if (typeof edge === "number" && edge > 0 && Number.isFinite(edge)) continue;
    throw optionError("otelExporter.latencyEdgesSeconds", edge, "seconds above 0");
  }
  return options;
}
