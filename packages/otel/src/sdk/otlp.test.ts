import { createGuard } from "@burnrate/core";
import { type LoopbackServer, serveLoopback } from "@burnrate/core/testing";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { otelExporter } from "../otel-exporter.ts";
import { prometheusText } from "../prometheus/prometheus-text.ts";
import { script } from "../testing/scripted.ts";

/** As much of OTLP's JSON as the tests read. */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly DataPoint[] };
  readonly gauge?: { readonly dataPoints: readonly DataPoint[] };
  readonly histogram?: {
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly DataPoint[];
  };
}
interface DataPoint {
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
}

let answering: Promise<void> | undefined;
let receiver: LoopbackServer;
const cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  receiver = await serveLoopback(async () => {
    await answering;
    return Response.json({});
  });
});
afterEach(async () => {
  answering = undefined;
  for (const step of cleanUp.splice(0)) await step();
  receiver.received.length = 0;
});
afterAll(() => {
  context.disable();
  return receiver.close();
});

const JSON_BODY = { "content-type": "application/json" };

function tracing(): { readonly provider: BasicTracerProvider } {
  const exporter = new OTLPTraceExporter({
    url: `${receiver.url}/v1/traces`,
    timeoutMillis: 30_000,
  });
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  cleanUp.push(() => provider.shutdown().catch(() => {}));
  return { provider };
}

function bodies<T>(path: string): T[] {
  return receiver.received
    .filter((request) => request.path === path)
    .map((request) => {
      expect([request.method, request.headers["content-type"]]).toEqual([
        "POST",
        JSON_BODY["content-type"],
      ]);
      return JSON.parse(request.body) as T;
    });
}

function metricsReceived(): Metric[] {
  return bodies<{ resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[] }>("/v1/metrics")
    .flatMap(({ resourceMetrics }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics);
}

function spansReceived(): Span[] {
  return bodies<{ resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }>("/v1/traces")
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans);
}

function attributes(
  of: { readonly attributes: readonly Attribute[] } | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    (of?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  );
}

function reader(
  ...producers: NonNullable<
    ConstructorParameters<typeof PeriodicExportingMetricReader>[0]["metricProducers"]
  >
): PeriodicExportingMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics`, timeoutMillis: 30_000 }),
    exportIntervalMillis: 3_600_000,
    metricProducers: producers,
  });
}

it("an OpenTelemetry collector gets histograms in seconds and sums that only rise", async () => {
  const { exporter, model } = script();
  const provider = new MeterProvider({ readers: [reader(exporter.producer)] });
  cleanUp.push(() => provider.shutdown().catch(() => {}));
  await model("gpt-5", { latencyMs: 3_000 });
  await provider.forceFlush();
  const metrics = new Map(metricsReceived().map((metric) => [metric.name, metric]));
  const duration = metrics.get("gen_ai.client.operation.duration");
  expect(duration?.unit).toBe("s");
  const [point] = duration?.histogram?.dataPoints ?? [];
  expect(point).toMatchObject({ count: 1, sum: 3 });
  expect(point?.bucketCounts?.[point.explicitBounds?.indexOf(5.12) ?? -1]).toBe(1);
  expect(attributes(point)).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
  });
  expect(metrics.get("burnrate.cost")?.sum).toMatchObject({ isMonotonic: true });
});

it("a meter has counters and gauges as observable instruments, and the producer the rest", async () => {
  const provider = new MeterProvider({ readers: [reader()] });
  const exporter = otelExporter({ meter: provider.getMeter("test") });
  const guard = createGuard({ exporters: [exporter] });
  cleanUp.push(() => provider.shutdown().catch(() => {}));
  await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  await provider.forceFlush();
  const names = metricsReceived().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["burnrate.calls", "burnrate.calls.in_flight"]));
  expect(names.filter((name) => name.startsWith("gen_ai."))).toEqual([]);
  const produced = await exporter.producer.collect();
  const [scope] = produced.resourceMetrics.scopeMetrics;
  expect(scope?.metrics.map(({ descriptor }) => descriptor.name)).toEqual([
    "gen_ai.execute_tool.duration",
  ]);
});

it("of the states of an objective a meter tells one, also after it changed", async () => {
  const provider = new MeterProvider({ readers: [reader()] });
  cleanUp.push(() => provider.shutdown().catch(() => {}));
  let state = "healthy";
  const slo = {
    objectives: [{ name: "tasks" }],
    status: () => ({ state, remaining: 1, burn: {} }),
  };
  const exporter = otelExporter({ meter: provider.getMeter("test"), slo });
  createGuard({ exporters: [exporter] });
  await provider.forceFlush();
  state = "exhausted";
  await provider.forceFlush();
  const points = metricsReceived()
    .filter(({ name }) => name === "agent.slo.state")
    .at(-1)?.gauge?.dataPoints;
  expect(points?.map((point) => [attributes(point)["state"], point.asDouble])).toEqual([
    ["healthy", 0],
    ["exhausted", 1],
  ]);
});

it("each call is a span under the span that was active where it began, under concurrency", async () => {
  const { provider } = tracing();
  const tracer = provider.getTracer("app");
  const exporter = otelExporter({ tracer: provider.getTracer("burnrate") });
  const guard = createGuard({ exporters: [exporter] });
  const permits = await Promise.all(
    ["a", "b", "c"].map((name) =>
      tracer.startActiveSpan(`request ${name}`, async (span) => {
        const permit = await guard.begin({ kind: "model", provider: "openai", name });
        span.end();
        return permit;
      }),
    ),
  );
  for (const permit of permits.reverse()) {
    permit.dispatched();
    await permit.settle({ usage: { inputTokens: 7, outputTokens: 3, cacheReadTokens: 5 } });
  }
  await guard.close();
  await provider.forceFlush();
  const spans = spansReceived();
  for (const name of ["a", "b", "c"]) {
    const parent = spans.find((span) => span.name === `request ${name}`);
    const own = spans.find((span) => span.name === `chat ${name}`);
    expect(own).toMatchObject({ traceId: parent?.traceId, parentSpanId: parent?.spanId, kind: 3 });
    expect(attributes(own)).toMatchObject({
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.cache_read.input_tokens": 5,
      "burnrate.outcome": "success",
    });
  }
});

it("a refused call is a span with an error, and a verdict is an event of its span", async () => {
  const { provider } = tracing();
  const { guard, tool } = script(
    { tracer: provider.getTracer("burnrate") },
    {
      budgets: ["1 call/day"],
      evaluators: [{ name: "polite", on: "tool", evaluate: () => ({ passed: true, score: 0.9 }) }],
    },
  );
  await tool("search", { server: "docs" });
  await expect(tool("search")).rejects.toMatchObject({ code: "BR2001" });
  await guard.close();
  await provider.forceFlush();
  const [first, refused] = spansReceived();
  expect(first?.name).toBe("tools/call search");
  expect(attributes(first?.events[0])).toMatchObject({
    "gen_ai.evaluation.name": "polite",
    "gen_ai.evaluation.score.value": 0.9,
    "gen_ai.evaluation.score.label": "passed",
  });
  expect(refused?.status).toEqual({ code: SpanStatusCode.ERROR, message: "BR2001" });
  expect(attributes(refused)).toMatchObject({
    "error.type": "BR2001",
    "burnrate.outcome": "refused",
  });
});

it("buckets remember the sampled trace of a call, for OpenMetrics", async () => {
  const { provider } = tracing();
  const { guard, model } = script({ exemplars: true });
  const traceId = await provider.getTracer("app").startActiveSpan("request", async (span) => {
    await model("gpt-5", { latencyMs: 3_000 });
    span.end();
    return span.spanContext().traceId;
  });
  expect(prometheusText(guard, "openmetrics")).toMatch(
    new RegExp(`duration_seconds_bucket\\{.*le="5\\.12"\\} 1 # \\{trace_id="${traceId}".*\\} 3 `),
  );
  expect(prometheusText(guard)).not.toContain(traceId);
});

it("a collector that hangs holds up no call, and close ends all the same", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answering = promise;
  const { provider } = tracing();
  const { guard, exporter, model } = script({ tracer: provider.getTracer("burnrate") });
  await model();
  exporter.flush();
  const metrics = new MeterProvider({ readers: [reader(exporter.producer)] });
  cleanUp.push(() => metrics.shutdown().catch(() => {}));
  let isStuck = true;
  const stuck = Promise.allSettled([metrics.forceFlush(), provider.forceFlush()]).then(() => {
    isStuck = false;
  });
  for (let call = 0; call < 1_000; call++) await model();
  await guard.close();
  expect(isStuck).toBe(true);
  resolve();
  await stuck;
});

it("spans that come faster than they are written are dropped and counted, at 2,048 waiting", async () => {
  const { provider } = tracing();
  const { guard, exporter } = script({ tracer: provider.getTracer("burnrate") });
  const record = await (await guard.begin({ kind: "tool", name: "t" })).settle();
  exporter.flush();
  for (let call = 0; call < 2_100; call++) exporter.exportCall(record);
  expect(prometheusText(guard)).toContain('burnrate_dropped_total{what="spans"} 52');
});

it("a tracer that throws is counted, and calls go on", async () => {
  const tracer = trace.getTracer("broken");
  const broken = Object.assign(Object.create(tracer), {
    startSpan: () => {
      throw new Error("broken");
    },
  });
  const { guard, tool, exporter } = script({ tracer: broken });
  await tool("search");
  exporter.flush();
  expect(prometheusText(guard)).toContain('burnrate_dropped_total{what="spanErrors"} 1');
});
