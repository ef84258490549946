import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord } from "../call/call-record.ts";
import { NO_USAGE } from "../call/usage.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { SliEvent } from "./sli.ts";
import { createSliRecorder } from "./sli-recorder.ts";

function callRecord(overrides: Partial<CallRecord> = {}): CallRecord {
  return {
    id: "c-1",
    kind: "model",
    provider: "openai",
    name: "gpt-5-2026-01-01",
    model: "gpt-5",
    requested: undefined,
    purpose: "agent",
    context: { org: "acme", agent: "support" },
    startedAtMs: 1_000,
    latencyMs: 100,
    timeToFirstTokenMs: undefined,
    outcome: "success",
    refusalCode: undefined,
    retryAfterMs: undefined,
    usage: NO_USAGE,
    usageSource: "provider",
    usageAnomaly: undefined,
    costNanoUsd: 0,
    reservedNanoUsd: 0,
    priceVersion: undefined,
    bound: "enforced",
    evaluations: [],
    ...overrides,
  };
}

function verdict(overrides: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    evaluator: "groundedness",
    status: "passed",
    score: 1,
    label: undefined,
    required: false,
    ...overrides,
  };
}

const context = { agent: "support" };
const task = { context, costNanoUsd: 500, durationMs: 20, depth: 1, atMs: 5 } as const;
const nothing = { good: 0, bad: 0, excluded: 0, ratio: null };

describe("calls", () => {
  it("count for their agent and canonical model, and tools apart", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord());
    recorder.recordCall(callRecord({ model: undefined }));
    recorder.recordCall(callRecord({ kind: "tool", name: "search", model: undefined }));
    const { series, totals } = recorder.snapshot();
    expect(series.map(({ agent, model, tool }) => [agent, model, tool])).toEqual([
      ["support", "gpt-5", null],
      ["support", "gpt-5-2026-01-01", null],
      ["support", null, "search"],
    ]);
    expect(totals.slis.call_success).toEqual({ good: 2, bad: 0, excluded: 0, ratio: 1 });
    expect(totals.slis.tool_call_success).toEqual({ good: 1, bad: 0, excluded: 0, ratio: 1 });
  });

  it("have the ratio good ÷ (good + bad), whatever was excluded", () => {
    const recorder = createSliRecorder();
    for (const outcome of ["success", "success", "success", "timeout", "aborted", "killed"]) {
      recorder.recordCall(callRecord({ outcome } as Partial<CallRecord>));
    }
    const { call_success } = recorder.snapshot().totals.slis;
    expect(call_success).toEqual({ good: 3, bad: 1, excluded: 2, ratio: 0.75 });
  });

  it("that were only excluded leave no data rather than a healthy ratio", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord({ outcome: "aborted" }));
    expect(recorder.snapshot().totals.slis.call_success.ratio).toBeNull();
  });

  it("have a latency only when they were answered, and not from a cache", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord({ latencyMs: 100, timeToFirstTokenMs: 30 }));
    recorder.recordCall(callRecord({ outcome: "timeout", latencyMs: 60_000 }));
    recorder.recordCall(callRecord({ outcome: "cached", latencyMs: 1, timeToFirstTokenMs: 1 }));
    recorder.recordCall(callRecord({ outcome: "abandoned", timeToFirstTokenMs: 40 }));
    recorder.recordCall(callRecord({ kind: "tool", outcome: "tool-error", latencyMs: 300 }));
    const { latency, timeToFirstToken } = recorder.snapshot().totals;
    expect(latency).toMatchObject({ count: 2, sumMs: 400, minMs: 100, maxMs: 300, p99Ms: 300 });
    expect(timeToFirstToken).toMatchObject({ count: 2, minMs: 30, maxMs: 40 });
  });

  it("of evaluators do not count for the agent", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord({ purpose: "evaluation" }));
    recorder.recordCall(callRecord({ purpose: "evaluation", outcome: "server-error" }));
    const refused = { kind: "model", name: "gpt-5", context, code: "BR3001", atMs: 1 } as const;
    recorder.recordRefusal({ ...refused, purpose: "evaluation" });
    const { series, evaluationCalls } = recorder.snapshot();
    expect(series).toEqual([]);
    expect(evaluationCalls).toEqual({ good: 1, bad: 1, excluded: 1, ratio: 0.5 });
  });
});

it("excludes our refusals from success, and only policy's are bad for compliance", () => {
  const recorder = createSliRecorder();
  recorder.recordCall(callRecord());
  for (const code of ["BR2001", "BR3001", "BR3003"] as const) {
    recorder.recordRefusal({ kind: "model", name: "gpt-5", context, code, atMs: 1 });
  }
  const { slis } = recorder.snapshot().totals;
  expect(slis.call_success).toEqual({ good: 1, bad: 0, excluded: 3, ratio: 1 });
  expect(slis.policy_compliance).toEqual({ good: 1, bad: 2, excluded: 1, ratio: 1 / 3 });
});

it("counts tasks with their cost, duration and depth; an excluded one in none of these", () => {
  const recorder = createSliRecorder();
  recorder.recordTask({ ...task, outcome: "good" });
  recorder.recordTask({ ...task, outcome: "bad", costNanoUsd: 0, durationMs: 1, depth: 0 });
  recorder.recordTask({ ...task, outcome: "excluded", costNanoUsd: 7e12, depth: 9 });
  const [support] = recorder.snapshot().series;
  expect(support).toMatchObject({ agent: "support", model: null, tool: null });
  expect(support?.slis.task_success).toEqual({ good: 1, bad: 1, excluded: 1, ratio: 0.5 });
  expect(support?.costPerTask).toMatchObject({ count: 2, sumNanoUsd: 500, p50NanoUsd: 0 });
  expect(support?.taskDuration).toMatchObject({ count: 1, sumMs: 20 });
  expect(support?.delegationDepth).toMatchObject({ count: 2, mean: 0.5, max: 1 });
  expect(support?.latency).toBeUndefined();
});

describe("evaluations", () => {
  it("count once for each evaluator, on the series of what they judged", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord({ evaluations: [verdict()] }));
    const judged = { kind: "model", name: "gpt-5", context, atMs: 1 } as const;
    recorder.recordEvaluation({ ...judged, result: verdict() });
    recorder.recordEvaluation({ ...judged, result: verdict({ status: "error" }) });
    recorder.recordEvaluation({ kind: "task", context, atMs: 1, result: verdict() });
    const { series, totals } = recorder.snapshot();
    const expected = { good: 1, bad: 0, excluded: 1, ratio: 1 };
    expect(series[0]?.slis["eval:groundedness"]).toEqual(expected);
    expect(totals.slis["eval:groundedness"]).toEqual({ ...expected, good: 2 });
  });

  it("of too many evaluators share eval:other", () => {
    const recorder = createSliRecorder();
    for (let n = 0; n < 150; n += 1) {
      const result = verdict({ evaluator: `e-${n}` });
      recorder.recordEvaluation({ kind: "task", context, atMs: 1, result });
    }
    const { totals, foldedEvaluations } = recorder.snapshot();
    expect(totals.slis["eval:other"]?.good).toBe(50);
    expect(totals.slis["eval:e-99"]?.good).toBe(1);
    expect(totals.slis["eval:e-100"]).toBeUndefined();
    expect(foldedEvaluations).toBe(50);
  });
});

describe("listeners", () => {
  it("receive every event with its value and the time it was known", () => {
    const recorder = createSliRecorder();
    const events: SliEvent[] = [];
    const unsubscribe = recorder.subscribe((event) => events.push(event));
    recorder.recordCall(callRecord({ timeToFirstTokenMs: 30 }));
    const names = { agent: "support", model: "gpt-5", tool: undefined };
    const good = { ...names, outcome: "good", source: "guard", atMs: 1_100 };
    expect(events).toEqual([
      { ...good, sli: "call_success", value: undefined },
      { ...good, sli: "policy_compliance", value: undefined },
      { ...good, sli: "latency", value: 100 },
      { ...good, sli: "time_to_first_token", value: 30 },
    ]);
    unsubscribe();
    recorder.recordCall(callRecord());
    expect(events).toHaveLength(4);
  });

  it("see the agent's own name when its series is folded, so that objectives still match", () => {
    const recorder = createSliRecorder({ maxSeries: 1 });
    const agents = new Set<string | undefined>();
    recorder.subscribe((event) => agents.add(event.agent));
    recorder.recordCall(callRecord());
    recorder.recordCall(callRecord({ context: { agent: "billing" } }));
    expect([...agents]).toEqual(["support", "billing"]);
    expect(recorder.snapshot()).toMatchObject({
      folded: 1,
      series: [{ agent: "support" }, { agent: "other", model: "other" }],
    });
  });

  it("must be functions", () => {
    const { subscribe } = createSliRecorder();
    expect(() => subscribe(null as never)).toThrow("BR9001 sli.subscribe.listener");
  });

  it("that throw disturb neither the call nor each other, and are counted", () => {
    const recorder = createSliRecorder();
    let heard = 0;
    recorder.subscribe(() => {
      throw new Error("broken listener");
    });
    recorder.subscribe(() => {
      heard += 1;
    });
    recorder.recordTask({ ...task, outcome: "good" });
    expect(heard).toBe(4);
    expect(recorder.snapshot()).toMatchObject({ listenerErrors: 4 });
  });

  it("that reject are counted, and end no process", async () => {
    const recorder = createSliRecorder();
    recorder.subscribe(async () => {
      throw new Error("broken listener");
    });
    recorder.recordTask({ ...task, outcome: "good" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(recorder.snapshot()).toMatchObject({ listenerErrors: 4 });
  });
});

describe("the snapshot", () => {
  it("has no data before the first event", () => {
    const { series, totals } = createSliRecorder().snapshot();
    expect(series).toEqual([]);
    expect(totals).toEqual({
      slis: {
        task_success: nothing,
        call_success: nothing,
        tool_call_success: nothing,
        policy_compliance: nothing,
      },
    });
  });

  it("survives JSON unchanged, and does not change afterwards", () => {
    const recorder = createSliRecorder();
    recorder.recordCall(callRecord({ context: {}, timeToFirstTokenMs: 3 }));
    recorder.recordTask({ ...task, outcome: "bad", durationMs: Number.NaN });
    const snapshot = recorder.snapshot();
    const json = JSON.stringify(snapshot);
    expect(JSON.parse(json)).toEqual(snapshot);
    recorder.recordCall(callRecord());
    expect(JSON.stringify(snapshot)).toBe(json);
  });

  it("loses no event when series are folded: totals are the sum of the series", () => {
    const names = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 })), { maxLength: 200 });
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 20 }), (calls, maxSeries) => {
        const recorder = createSliRecorder({ maxSeries });
        for (const [agent, model] of calls) {
          recorder.recordCall(callRecord({ context: { agent: `${agent}` }, model: `${model}` }));
        }
        const { series, totals } = recorder.snapshot();
        expect(series.length).toBeLessThanOrEqual(maxSeries + 3);
        expect(totals.slis.call_success.good).toBe(calls.length);
        expect(totals.latency?.count ?? 0).toBe(calls.length);
        expect(series.reduce((sum, one) => sum + one.slis.call_success.good, 0)).toBe(calls.length);
      }),
      { numRuns: 30 },
    );
  });

  it("counts values that are no measurement instead of summing them", () => {
    const recorder = createSliRecorder();
    const values: (number | undefined)[] = [];
    recorder.subscribe((event) => values.push(event.value));
    recorder.recordCall(callRecord({ latencyMs: Number.NaN }));
    recorder.recordTask({ ...task, outcome: "good", costNanoUsd: -1, depth: 0.5 });
    expect(recorder.snapshot()).toMatchObject({ invalidValues: 3 });
    expect(values.filter((value) => value !== undefined)).toEqual([20]);
  });
});

it("hands exporters the buckets of every histogram", () => {
  const recorder = createSliRecorder();
  recorder.recordCall(callRecord({ latencyMs: 1 }));
  recorder.recordTask({ ...task, outcome: "good", costNanoUsd: 1 });
  expect(recorder.histograms()).toMatchObject([
    { sli: "latency", model: "gpt-5", unit: "ms", buckets: { offset: -1, counts: [1] } },
    { sli: "task_duration", unit: "ms", buckets: { count: 1 } },
    { sli: "cost_per_task", model: undefined, unit: "nanoUsd", buckets: { offset: -1 } },
  ]);
});

it("refuses a cap that is no positive whole number", () => {
  expect(() => createSliRecorder({ maxSeries: 0 })).toThrow(/BR9001/);
  expect(() => createSliRecorder({ maxSeries: Number.NaN })).toThrow(/BR9001/);
});

describe("what is counted together", () => {
  const steps = fc.constantFrom("call", "task", "refusal", "read", "listen");

  it("is all there whenever it is read, and told to nobody who came later", () => {
    fc.assert(fc.property(fc.array(steps, { maxLength: 80 }), follow));
  });

  it("is counted in its order, so that the series that came first are kept apart", () => {
    const recorder = createSliRecorder({ maxSeries: 2 });
    for (const agent of ["a", "b"]) {
      recorder.recordTask({ ...task, context: { agent }, outcome: "good" });
      recorder.recordCall(callRecord({ context: { agent } }));
    }
    const series = recorder.snapshot().series.map(({ agent, model }) => [agent, model]);
    expect(series.slice(0, 2)).toEqual([
      ["a", null],
      ["a", "gpt-5"],
    ]);
  });

  function follow(given: readonly string[]): void {
    const recorder = createSliRecorder();
    const heard: SliEvent[] = [];
    const seen = { calls: 0, tasks: 0, refusals: 0, told: 0 };
    let isHeard = false;
    const doing: Readonly<Record<string, () => void>> = {
      call: () => {
        recorder.recordCall(callRecord());
        seen.calls++;
        if (isHeard) seen.told++;
      },
      task: () => {
        recorder.recordTask({ ...task, outcome: "good" });
        seen.tasks++;
      },
      refusal: () => {
        recorder.recordRefusal({ kind: "model", name: "m", context, code: "BR1001", atMs: 1 });
        seen.refusals++;
      },
      listen: () => {
        recorder.subscribe((event) => void (event.sli === "latency" && heard.push(event)));
        isHeard = true;
      },
      read: () => {
        const { slis, latency, taskDuration } = recorder.snapshot().totals;
        expect(slis.call_success).toMatchObject({ good: seen.calls, excluded: seen.refusals });
        expect(slis.task_success.good).toBe(seen.tasks);
        expect([latency?.count ?? 0, taskDuration?.count ?? 0]).toEqual([seen.calls, seen.tasks]);
        expect(heard).toHaveLength(seen.told);
      },
    };
    const once = given.filter((step, at) => step !== "listen" || given.indexOf(step) === at);
    for (const step of [...once, "read"]) doing[step]?.();
  }
});
