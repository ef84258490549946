import { createGuard } from "@burnrate/core";
import type { Meter } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { type OtelExporterOptions, otelExporter } from "./otel-exporter.ts";
import { prometheusText } from "./prometheus/prometheus-text.ts";
import { begunTooLongAgo, script } from "./testing/scripted.ts";

/** The value of the one sample whose line begins so, up to its value. */
function sample(text: string, start: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${start} `));
  return line === undefined ? undefined : Number(line.slice(start.length + 1));
}

const CHAT =
  'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-5",burnrate_purpose="agent"';

describe("a model call", () => {
  it("is counted with its seconds, first chunk, tokens and dollars", async () => {
    const { guard, model } = script({ labels: [] });
    await model("gpt-5", { latencyMs: 3_000, firstTokenMs: 500 });
    const text = prometheusText(guard);
    const duration = "gen_ai_client_operation_duration_seconds";
    expect(sample(text, `${duration}_bucket{${CHAT},le="2.56"}`)).toBe(0);
    expect(sample(text, `${duration}_bucket{${CHAT},le="5.12"}`)).toBe(1);
    expect(sample(text, `${duration}_sum{${CHAT}}`)).toBe(3);
    const first = "gen_ai_client_operation_time_to_first_chunk_seconds";
    expect(sample(text, `${first}_sum{${CHAT}}`)).toBe(0.5);
    const tokens = "gen_ai_client_token_usage";
    expect(sample(text, `${tokens}_sum{${CHAT},gen_ai_token_type="input"}`)).toBe(900);
    expect(sample(text, `${tokens}_sum{${CHAT},gen_ai_token_type="output"}`)).toBe(100);
    // 900 · $1.25 + 100 · $10 a million
    expect(sample(text, `burnrate_cost_usd_total{${CHAT}}`)).toBeCloseTo(0.002125, 9);
  });

  it("that fails is timed under its error class", async () => {
    const { guard, model } = script({ labels: [] });
    await model("gpt-5", { latencyMs: 10, error: Object.assign(new Error("x"), { status: 429 }) });
    const text = prometheusText(guard);
    const name = "gen_ai_client_operation_duration_seconds_count";
    expect(sample(text, `${name}{${CHAT},error_type="rate-limited"}`)).toBe(1);
    expect(sample(text, `burnrate_calls_total{${CHAT},burnrate_outcome="rate-limited"}`)).toBe(1);
  });

  it("of an embedding model is an embeddings operation", async () => {
    const { guard, model } = script({ labels: [] });
    await model("text-embedding-3-small");
    expect(prometheusText(guard)).toContain('gen_ai_operation_name="embeddings"');
  });

  it("that is refused is counted by its code, and not timed", async () => {
    const { guard, model } = script({}, { budgets: ["$0.000001/day"] });
    expect(sample(prometheusText(guard), 'burnrate_refusals_total{code="BR2001"}')).toBe(0);
    await expect(model()).rejects.toMatchObject({ code: "BR2001" });
    const text = prometheusText(guard);
    expect(sample(text, 'burnrate_refusals_total{code="BR2001"}')).toBe(1);
    expect(text).not.toContain("gen_ai_client_operation_duration_seconds_count");
  });

  it("that nobody ended, and that ended late, costs its charge less the correction", async () => {
    const scripted = script({ labels: [] }, { reservation: { dispatchedTtlMs: 1_000 } });
    const { guard } = scripted;
    const permit = await begunTooLongAgo(scripted);
    const charged = sample(prometheusText(guard), `burnrate_cost_usd_total{${CHAT}}`) ?? 0;
    expect(charged).toBeGreaterThan(0.01);
    const record = await permit.settle({ usage: { inputTokens: 900, outputTokens: 100 } });
    const text = prometheusText(guard);
    const corrections = sample(text, `burnrate_cost_corrections_usd_total{${CHAT}}`) ?? 0;
    expect(sample(text, `burnrate_cost_usd_total{${CHAT}}`)).toBe(charged);
    expect(charged - corrections).toBeCloseTo((record.costNanoUsd ?? 0) / 1e9, 9);
    expect(sample(text, "burnrate_calls_corrected_total")).toBe(1);
  });

  it("whose stream ended late has one first chunk", async () => {
    const { guard, clock } = script({ labels: [] }, { reservation: { dispatchedTtlMs: 1_000 } });
    const estimate = { inputTokens: 1_000, maxOutputTokens: 1_000 };
    const permit = await guard.begin({
      kind: "model",
      provider: "openai",
      name: "gpt-5",
      estimate,
    });
    permit.dispatched();
    clock.advance(500);
    permit.progress({ outputTokens: 1 });
    clock.advance(5_000);
    const first = `gen_ai_client_operation_time_to_first_chunk_seconds_count{${CHAT}}`;
    expect(sample(prometheusText(guard), first)).toBe(1);
    await permit.settle({ usage: { inputTokens: 900, outputTokens: 100 } });
    expect(sample(prometheusText(guard), first)).toBe(1);
  });
});

describe("a tool call", () => {
  it("of an MCP server is an MCP operation, too", async () => {
    const { guard, tool } = script({ labels: [] });
    await tool("search", { server: "docs", latencyMs: 20 });
    await tool("local", { latencyMs: 20 });
    const text = prometheusText(guard);
    expect(text).toMatch(
      /mcp_client_operation_duration_seconds_count\{.*mcp_method_name="tools\/call".*\} 1/,
    );
    expect(text).not.toMatch(/mcp_client.*"local"/);
    expect(text).toMatch(/gen_ai_execute_tool_duration_seconds_count\{.*"local".*\} 1/);
  });

  it("beyond the cap is counted as one of an MCP server only where it is", async () => {
    for (const [first, other, count] of [
      ["docs", undefined, 1],
      [undefined, "docs", 3],
    ] as const) {
      const { guard, tool } = script({ labels: [], maxSeries: 1 });
      await tool("kept");
      await tool("first", first === undefined ? {} : { server: first });
      for (const name of ["a", "b", "c"]) {
        await tool(name, other === undefined ? {} : { server: other });
      }
      expect(prometheusText(guard)).toMatch(
        new RegExp(`^mcp_client_operation_duration_seconds_count.* ${count}$`, "m"),
      );
    }
  });

  it("shows its bad events at 0 from its first event on", async () => {
    const { guard, tool } = script();
    await guard.with({ agent: "support" }, () => tool("search"));
    const name = 'burnrate_sli_events_total{sli="tool_call_success",agent="support",tool="search"';
    expect(sample(prometheusText(guard), `${name},outcome="bad"}`)).toBe(0);
    await guard.with({ agent: "support" }, () => tool("search", { error: new Error("no") }));
    expect(sample(prometheusText(guard), `${name},outcome="bad"}`)).toBe(1);
  });
});

describe("labels", () => {
  it("never are ids of users, sessions, tasks or calls", async () => {
    const { guard, model } = script({ labels: ["agent", "org", "labels.tier"] });
    const who = { org: "acme", user: "u-9", session: "s-1", labels: { tier: "gold", key: "k-3" } };
    const taskIds: string[] = [];
    guard.on("task-ended", ({ id }) => taskIds.push(id));
    await guard.task({ name: "refund", agent: "support", ...who }, () => model());
    expect(taskIds).toHaveLength(1);
    const text = prometheusText(guard);
    expect(text).toContain('burnrate_org="acme",burnrate_label_tier="gold"');
    for (const id of ["u-9", "s-1", "k-3", ...taskIds]) expect(text).not.toContain(id);
  });

  it("cannot be two that are one in Prometheus, which would refuse the scrape", () => {
    const labels = ["labels.tier-a", "labels.tier_a"] as const;
    expect(() => otelExporter({ labels })).toThrow(/labels\[1\].*burnrate_label_tier_a/);
  });

  it.each(["user", "session", "task", "agnet"])("cannot be made of %s", (label) => {
    const labels = [label] as never;
    expect(() => otelExporter({ labels })).toThrow(
      expect.objectContaining({ code: "BR9001", message: expect.stringContaining(label) }),
    );
  });

  it("of 100,000 agents are 2,000 series and one more a metric, and what is folded is counted", async () => {
    const { guard, model } = script();
    for (let index = 0; index < 100_000; index++) {
      await guard.with({ agent: `agent-${index}` }, () => model());
    }
    const lines = prometheusText(guard).split("\n");
    const perMetric = new Map<string, number>();
    for (const line of lines) {
      const name = line.split(/[ {]/)[0] ?? "";
      if (!name.startsWith("#") && !name.endsWith("_bucket")) {
        perMetric.set(name, (perMetric.get(name) ?? 0) + 1);
      }
    }
    expect(Math.max(...perMetric.values())).toBeLessThanOrEqual(2_001);
    const calls = lines.filter((line) => line.startsWith("burnrate_calls_total{"));
    expect(calls.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0)).toBe(100_000);
    const folded = lines.find((line) => line.startsWith("burnrate_telemetry_folded_total "));
    expect(Number(folded?.split(" ")[1])).toBeGreaterThanOrEqual(98_000);
  });

  it("that are folded are counted once, however often somebody scrapes", async () => {
    const { guard, tool } = script({ maxSeries: 6 });
    for (let index = 0; index < 50; index++) {
      await guard.with({ agent: `agent-${index}` }, () => tool("search"));
    }
    const folded = (): string | undefined =>
      /^burnrate_telemetry_folded_total (\d+)$/m.exec(prometheusText(guard))?.[1];
    const first = folded();
    expect(Number(first)).toBeGreaterThan(0);
    expect([folded(), folded()]).toEqual([first, first]);
    await guard.close();
    expect(folded()).toBe(first);
  });

  it("are of one series each, however a provider is spelt and wherever a name is cut", async () => {
    const { guard } = script();
    const cut = "x".repeat(200);
    const names = [
      "openai",
      "openai.chat",
      "openai.responses",
      `${cut}a`,
      `${cut}b`,
      "\ud800",
      "\ud801",
    ];
    for (const name of names) {
      await guard.run({ kind: "model", provider: name, name: "m" }, () => ({ value: 1 }));
      await guard.run({ kind: "tool", provider: name, name }, () => ({ value: 1 }));
      const tool = () => guard.run({ kind: "tool", name: "t" }, () => ({ value: 1 }));
      await guard.with({ agent: name }, tool);
    }
    const lines = prometheusText(guard)
      .split("\n")
      .filter((line) => !line.startsWith("#"));
    const series = lines.map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(series.filter((one, index) => series.indexOf(one) !== index)).toEqual([]);
    const calls = lines.filter((line) => line.startsWith("burnrate_calls_total"));
    expect(calls.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0)).toBe(21);
    expect(calls.find((line) => line.includes('provider_name="openai"'))).toMatch(/ 3$/);
  });

  it.each(["constructor", "__proto__", "toString"])(
    "are what was said, also of a provider named %s",
    async (provider) => {
      const guard = createGuard({ exporters: [otelExporter()] });
      await guard.run({ kind: "model", provider, name: "m" }, () => ({ value: 1 }));
      expect(prometheusText(guard)).toContain(`gen_ai_provider_name="${provider}"`);
    },
  );

  it("that are long are cut", async () => {
    const { guard, model } = script();
    await guard.with({ agent: "x".repeat(250) }, () => model());
    expect(prometheusText(guard)).toContain(`agent_name="${"x".repeat(200)}"`);
  });
});

describe("options", () => {
  it.each<[OtelExporterOptions, RegExp]>([
    [{ metre: 1 } as never, /metre.*meter/s],
    [{ maxSeries: 0 }, /maxSeries/],
    [{ tracer: {} as never }, /tracer\.startSpan/],
    [{ slo: {} as never }, /slo\.status/],
    [{ latencyEdgesSeconds: [-1] }, /latencyEdgesSeconds/],
  ])("that are wrong are named: %o", (options, message) => {
    expect(() => otelExporter(options)).toThrow(message);
  });

  it("latency edges become bucket edges, so that an objective's threshold is exact", async () => {
    const { guard, model } = script({ latencyEdgesSeconds: [3] });
    await model("gpt-5", { latencyMs: 3_000 });
    expect(prometheusText(guard)).toMatch(/duration_seconds_bucket\{.*le="3\.0"\} 1/);
  });
});

it("a guard without the exporter has no text, and is told how to get one", () => {
  expect(() => prometheusText(createGuard())).toThrow(/exporters: \[otelExporter\(\)\]/);
});

it("an exporter that two guards share counts the calls of both", async () => {
  const exporter = otelExporter();
  const guards = [createGuard({ exporters: [exporter] }), createGuard({ exporters: [exporter] })];
  for (const guard of guards) {
    await guard.run({ kind: "tool", name: "t" }, () => ({ value: 1 }));
    expect(prometheusText(guard)).toContain("burnrate_calls_in_flight 0");
  }
  expect(prometheusText(guards[0] as never)).toMatch(/burnrate_calls_total\{.*\} 2/);
});

it("an exporter of guards that follow each other observes for each of them", async () => {
  let observing = 0;
  const meter = {
    createObservableCounter: () => ({}),
    createObservableGauge: () => ({}),
    addBatchObservableCallback: () => observing++,
    removeBatchObservableCallback: () => observing--,
  } as unknown as Meter;
  const exporter = otelExporter({ meter });
  const seen: number[] = [];
  for (let guards = 0; guards < 3; guards++) {
    const guard = createGuard({ exporters: [exporter] });
    seen.push(observing);
    await guard.close();
  }
  expect([seen, observing]).toEqual([[1, 1, 1], 0]);
});

it("an exporter that two guards share observes on when one of them closes", async () => {
  const removed: unknown[] = [];
  const meter = {
    createObservableCounter: () => ({}),
    createObservableGauge: () => ({}),
    addBatchObservableCallback: () => {},
    removeBatchObservableCallback: (callback: unknown) => removed.push(callback),
  } as unknown as Meter;
  const exporter = otelExporter({ meter });
  const [first, second] = [0, 1].map(() => createGuard({ exporters: [exporter] }));
  await first?.close();
  expect(removed).toHaveLength(0);
  await second?.close();
  expect(removed).toHaveLength(1);
});

it.each([
  [{ latencyEdgesSeconds: 5 }, "latencyEdgesSeconds must be an array"],
  [{ latencyEdgesSeconds: null }, "latencyEdgesSeconds must be an array"],
  [{ exemplars: "yes" }, "exemplars must be true or false"],
  [{ slo: { status: () => ({}) } }, "slo.objectives must be an array"],
])(
  "an option that would break every scrape is refused when it is given: %o",
  (options, message) => {
    expect(() => otelExporter(options as never)).toThrow(`BR9001 otelExporter.${message}`);
  },
);
