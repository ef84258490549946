import { createFakeClock, type LoopbackServer, serveLoopback } from "@burnrate/core/testing";
import { absenceRule, createSloEngine, objective } from "@burnrate/slo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  canRunPrometheus,
  checkMetrics,
  type PrometheusServer,
  startPrometheus,
  until,
} from "../testing/prometheus-server.ts";
import { script } from "../testing/scripted.ts";
import { prometheusHandler } from "./prometheus-handler.ts";
import { prometheusText } from "./prometheus-text.ts";

const TARGET = 0.99;
const HOSTILE = 'evil"} 1\nforged_total 7\n# EOF\n\\ \u0000 \u2028 \ud800 é';

const clock = createFakeClock();
const engine = createSloEngine({
  objectives: [
    objective({ name: "tools work", sli: "tool_call_success", target: TARGET, window: "30d" }),
    objective({ name: "nothing yet", sli: "eval:polite", target: TARGET, window: "30d" }),
  ],
  absences: [absenceRule({ name: "docs are silent", match: { tool: "search" }, after: "10m" })],
  clock,
});
const { guard, model, tool } = script({ labels: ["agent"], slo: engine }, {}, clock);
engine.attach(guard);
const failure = { error: new Error("no"), latencyMs: 40 };
await guard.with({ agent: HOSTILE }, () => model("gpt-5", { latencyMs: 900, firstTokenMs: 90 }));
for (let call = 0; call < 37; call++) await tool("search", { server: "docs", latencyMs: 20 });
await tool("search", failure);

describe.skipIf(!canRunPrometheus())("Prometheus itself", () => {
  let server: LoopbackServer;
  let prometheus: PrometheusServer;
  const handle = prometheusHandler(guard);

  beforeAll(async () => {
    server = await serveLoopback(({ method, headers }) => {
      const accept = headers.accept ?? "";
      return handle(new Request("http://x/metrics", { method, headers: { accept } }));
    });
    prometheus = await startPrometheus(server.port);
    await until(async () => (await prometheus.query("burnrate_calls_total")).length > 0);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await server?.close();
    await engine.close();
  });

  it("finds nothing wrong with the names, types and units of our metrics", () => {
    expect(checkMetrics(prometheusText(guard))).toBe("");
  });

  it("scrapes us as OpenMetrics without an error, hostile names included", async () => {
    // A scrape that began while this process stood still has timed out: the next one has not.
    await until(async () => (await prometheus.target())?.lastError === "");
    expect(await prometheus.target()).toMatchObject({ health: "up" });
    const [scrape] = server.received;
    expect(scrape?.headers.accept).toContain("openmetrics");
    expect(await prometheus.query("forged_total")).toEqual([]);
    const [series] = await prometheus.query("gen_ai_client_operation_duration_seconds_count");
    expect(series?.metric["gen_ai_agent_name"]).toBe(HOSTILE.toWellFormed());
  });

  it("has the error budget that the engine has, told and worked out from the counters", async () => {
    const { remaining: ours, total, bad: failed } = engine.status("tools work");
    expect([total, failed]).toEqual([38, 1]);
    const name = '{slo="tools work"}';
    const [told] = await prometheus.query(`agent_slo_error_budget_remaining_ratio${name}`);
    expect(Number(told?.value[1])).toBe(ours);
    const [workedOut] = await prometheus.query(
      `1 - sum(agent_sli_events_total{slo="tools work",outcome="bad"}) / sum(agent_sli_events_total${name}) / (1 - ${TARGET})`,
    );
    expect(Number(workedOut?.value[1])).toBeCloseTo(ours ?? Number.NaN, 12);
  });

  it("has no budget for an objective without data, and its counters at 0", async () => {
    const of = '{slo="nothing yet"';
    expect(await prometheus.query(`agent_slo_error_budget_remaining_ratio${of}}`)).toEqual([]);
    const [bad] = await prometheus.query(`agent_sli_events_total${of},outcome="bad"}`);
    expect(bad?.value[1]).toBe("0");
  });

  it("knows when an absence rule heard something last", async () => {
    const [last] = await prometheus.query(
      'agent_absence_last_event_timestamp_seconds{rule="docs are silent"}',
    );
    const [heard] = engine.lastHeard();
    expect(Number(last?.value[1]) * 1_000).toBe(heard?.lastEventAtMs);
  });

  it("works out quantiles within the bucket that the calls were in", async () => {
    const [median] = await prometheus.query(
      'histogram_quantile(0.5, sum by (le) (mcp_client_operation_duration_seconds_bucket{error_type=""}))',
    );
    expect(Number(median?.value[1])).toBeGreaterThan(0.01);
    expect(Number(median?.value[1])).toBeLessThanOrEqual(0.02);
  });
});
