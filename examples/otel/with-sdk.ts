import { otelExporter } from "@burnrate/otel";
import { trace } from "@opentelemetry/api";
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { createGuard, type Guard } from "burnrate";

/** Metrics to a collector, and a span for each call, under the span that was active. */
export function observed(collector: PushMetricExporter): { guard: Guard; metrics: MeterProvider } {
  const telemetry = otelExporter({ tracer: trace.getTracer("agents") });
  const reader = new PeriodicExportingMetricReader({
    exporter: collector,
    metricProducers: [telemetry.producer],
  });
  return {
    guard: createGuard({ exporters: [telemetry] }),
    metrics: new MeterProvider({ readers: [reader] }),
  };
}
