export type { MetricLabel } from "./accumulate/label-option.ts";
export type { SloAlert, SloSource, SloStatus } from "./collect/slo-source.ts";
export { type OtelExporter, type OtelExporterOptions, otelExporter } from "./otel-exporter.ts";
export { prometheusHandler, type ScrapeRequest } from "./prometheus/prometheus-handler.ts";
export { prometheusText } from "./prometheus/prometheus-text.ts";
export type { ExpositionFormat } from "./prometheus/write-text.ts";
export type { OtelMetricProducer } from "./sdk/metric-producer.ts";
export { METRIC, type MetricDefinition } from "./semantic-conventions.ts";
