import type { Guard } from "@burnrate/core";
import { metricsOf } from "../guard-metrics.ts";
import { type ExpositionFormat, writeText } from "./write-text.ts";

/**
 * Everything that a guard's {@link otelExporter} counted, as a scrape of Prometheus reads it.
 * Balances of budgets are those of the scrape before; {@link prometheusHandler} asks for new ones.
 *
 * @param format `"openmetrics"` carries exemplars and ends with `# EOF`.
 * @throws {ConfigError} `BR9001` for a guard without an `otelExporter`.
 */
export function prometheusText(guard: Guard, format: ExpositionFormat = "prometheus"): string {
  const metrics = metricsOf("prometheusText", guard);
  void metrics.refresh();
  return writeText(metrics.collect(), format);
}
