import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { otelExporter } from "@burnrate/otel";
import { expect, it } from "vitest";
import { answer, guardWith } from "./agent.ts";
import { serveMetrics } from "./serve-metrics.ts";

it("the program answers a scrape, and nothing else", async () => {
  const guard = guardWith([otelExporter()]);
  const server = serveMetrics(guard, 0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await answer(guard, "refunds");
  const scrape = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await scrape.text()).toMatch(/gen_ai_client_operation_duration_seconds_count\{.*\} 1/);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  server.closeAllConnections();
  server.close();
});
