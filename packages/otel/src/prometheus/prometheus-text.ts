import type { Guard } from "@burnrate/core";
import { optionError } from "@burnrate/core/adapter";
import { familiesOf } from "../guard-metrics.ts";
import { type ExpositionFormat, writeText } from "./write-text.ts";

/**
 * Everything that a guard's {@link otelExporter} counted, as a scrape of Prometheus reads it.
 *
 * @param format `"openmetrics"` carries exemplars and ends with `# EOF`.
 * @throws {ConfigError} `BR9001` for a guard without an `otelExporter`.
 */
export function prometheusText(guard: Guard, format: ExpositionFormat = "prometheus"): string {
  const families = familiesOf(guard);
  if (families === undefined) {
    throw optionError(
      "prometheusText",
      guard,
      "a guard that was made with createGuard({ exporters: [otelExporter()] })",
    );
  }
  return writeText(families(), format);
}
