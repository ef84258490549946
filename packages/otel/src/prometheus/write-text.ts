import type { Labels } from "../accumulate/family.ts";
import type { Exemplar } from "../accumulate/histogram.ts";
import type { HistogramPoint, MetricFamily } from "../collect/metric-family.ts";
import { boundValue, helpText, labelName, labelValue, sampleValue } from "./format.ts";

/** Prometheus' text format 0.0.4, or OpenMetrics 1.0, which can carry exemplars. */
export type ExpositionFormat = "prometheus" | "openmetrics";

/** Writes metrics as a scrape wants them. */
export function writeText(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const family of families) {
    writeHead(lines, family, format);
    if (family.kind === "histogram") {
      for (const point of family.points) writeHistogram(lines, family, point, format);
    } else {
      const { prometheus } = family.definition;
      for (const { labels, value } of family.points) {
        lines.push(`${prometheus}${labelSet(labels)} ${sampleValue(value)}`);
      }
    }
  }
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

/** OpenMetrics names a counter without `_total`, and says units that the name ends with. */
function writeHead(lines: string[], { definition }: MetricFamily, format: ExpositionFormat): void {
  const { prometheus, kind, help } = definition;
  const isOpen = format === "openmetrics";
  const name = isOpen && kind === "counter" ? prometheus.replace(/_total$/, "") : prometheus;
  lines.push(`# TYPE ${name} ${kind}`);
  const unit = /_(seconds|ratio|usd)$/.exec(name)?.[1];
  if (isOpen && unit !== undefined) lines.push(`# UNIT ${name} ${unit}`);
  lines.push(`# HELP ${name} ${helpText(help)}`);
}

function writeHistogram(
  lines: string[],
  { definition }: MetricFamily,
  { labels, histogram }: HistogramPoint,
  format: ExpositionFormat,
): void {
  const { prometheus: name } = definition;
  const base = labelPairs(labels);
  const before = base === "" ? "" : `${base},`;
  let cumulative = 0;
  for (let bucket = 0; bucket <= histogram.bounds.length; bucket++) {
    cumulative += histogram.counts[bucket] ?? 0;
    const bound = histogram.bounds[bucket];
    const le = bound === undefined ? "+Inf" : boundValue(bound);
    const trace = format === "openmetrics" ? exemplar(histogram.exemplars[bucket]) : "";
    lines.push(`${name}_bucket{${before}le="${le}"} ${cumulative}${trace}`);
  }
  const set = base === "" ? "" : `{${base}}`;
  lines.push(`${name}_sum${set} ${sampleValue(histogram.sum)}`);
  lines.push(`${name}_count${set} ${histogram.count}`);
}

function exemplar(found: Exemplar | undefined): string {
  if (found === undefined) return "";
  const { traceId, spanId, value, atMs } = found;
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${sampleValue(value)} ${(atMs / 1_000).toFixed(3)}`;
}

function labelSet(labels: Labels): string {
  const pairs = labelPairs(labels);
  return pairs === "" ? "" : `{${pairs}}`;
}

/** An empty label is the same as none. */
function labelPairs(labels: Labels): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(labels)) {
    if (value !== "") pairs.push(`${labelName(name)}="${labelValue(value)}"`);
  }
  return pairs.join(",");
}
