import { otelExporter, prometheusHandler } from "@burnrate/otel";
import { createGuard, type Guard } from "burnrate";

export const guard: Guard = createGuard({
  exporters: [otelExporter({ labels: ["agent", "environment"], latencyEdgesSeconds: [3] })],
});

/** For any framework whose handlers take a `Request` and return a `Response`. */
export const GET: (request: Request) => Promise<Response> = prometheusHandler(guard);
