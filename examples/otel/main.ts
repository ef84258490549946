import { otelExporter, prometheusText } from "@burnrate/otel";
import { answer, guardWith } from "./agent.ts";
import { serveMetrics } from "./serve-metrics.ts";

/**
 * A small program that a Prometheus on this machine can scrape: an agent works twice a second until
 * it is stopped, on port 9464 unless PORT says another. With `--once` it works once and prints what
 * a scrape would get, without the buckets.
 */
const guard = guardWith([otelExporter()]);

if (process.argv.includes("--once")) {
  await answer(guard, "refunds");
  const lines = prometheusText(guard).split("\n");
  const counters = lines.filter((line) =>
    /^(burnrate_(calls|cost|sli)|gen_ai_\w+_count)/.test(line),
  );
  console.log(counters.join("\n"));
} else {
  const port = Number(process.env["PORT"] ?? 9464);
  serveMetrics(guard, port);
  console.log(`Scrape http://127.0.0.1:${port}/metrics; Ctrl+C ends it.`);
  setInterval(() => void answer(guard, "refunds"), 500);
}
