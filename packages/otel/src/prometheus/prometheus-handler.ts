import type { Guard } from "@burnrate/core";
import { metricsOf } from "../guard-metrics.ts";
import { type ExpositionFormat, writeText } from "./write-text.ts";

/** As much of a web-standard request as the handler reads. */
export interface ScrapeRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

const TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/**
 * Answers scrapes, in the format that the scraper asks for. Mount it where only your Prometheus
 * gets: names of models, tools and agents are in it.
 *
 * @example
 * const scrape = prometheusHandler(guard);
 * app.get("/metrics", (c) => scrape(c.req.raw));
 * @throws {ConfigError} `BR9001` for a guard without an `otelExporter`, when it is made.
 */
export function prometheusHandler(guard: Guard): (request: ScrapeRequest) => Promise<Response> {
  const metrics = metricsOf("prometheusHandler", guard);
  return async ({ method, headers }) => {
    if (method !== "GET" && method !== "HEAD") {
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    }
    const format = wantsOpenMetrics(headers.get("accept")) ? "openmetrics" : "prometheus";
    const init = { headers: { "content-type": TYPES[format], "cache-control": "no-store" } };
    if (method === "HEAD") return new Response(null, init);
    await metrics.refresh();
    return new Response(writeText(metrics.collect(), format), init);
  };
}

/** Prometheus prefers it with `q=1` or leaves `q` out; who asks for the text format gets that. */
function wantsOpenMetrics(accept: string | null): boolean {
  return qualityOf(accept, "application/openmetrics-text") > qualityOf(accept, "text/plain");
}

/** The best `q` of a media type in an `Accept` header; 0 when it is not in there. */
function qualityOf(accept: string | null, type: string): number {
  let best = 0;
  for (const range of (accept ?? "").split(",").slice(0, 20)) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const quality = q === undefined ? 1 : Number(q);
    if (quality > best) best = quality;
  }
  return best;
}
