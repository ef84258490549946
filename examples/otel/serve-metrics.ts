import { createServer, type Server } from "node:http";
import type { Guard } from "@burnrate/core";
import { prometheusHandler } from "@burnrate/otel";

/** `GET /metrics` for a Prometheus on this machine. */
export function serveMetrics(guard: Guard, port: number): Server {
  const scrape = prometheusHandler(guard);
  return createServer(async ({ method = "GET", url, headers }, outgoing) => {
    if (url !== "/metrics") return void outgoing.writeHead(404).end();
    const accept = headers.accept ?? "";
    const answer = await scrape({
      method,
      headers: { get: (name) => (name === "accept" ? accept : null) },
    });
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(await answer.text());
  }).listen(port, "127.0.0.1");
}
