import { setImmediate as nextTurn } from "node:timers/promises";
import { createGuard, type Evaluator, type Guard, type GuardOptions } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { createPriceBook } from "@burnrate/pricing";
import { LangfuseClient } from "@langfuse/client";
import { propagateAttributes, startActiveObservation } from "@langfuse/tracing";
import { context, trace } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type LangfuseExporter,
  type LangfuseExporterOptions,
  langfuseExporter,
} from "./langfuse-exporter.ts";
import { KEYS, type LangfuseServer, startLangfuse } from "./testing/langfuse-server.ts";
import { startTracing, type Tracing } from "./testing/tracing.ts";

let server: LangfuseServer;
let tracing: Tracing;
beforeAll(async () => {
  server = await startLangfuse();
  tracing = startTracing(server.url);
});
afterEach(async () => {
  await tracing.flush();
  server.received.length = 0;
  expect(server.wrong.splice(0)).toEqual([]);
});
afterAll(async () => {
  await tracing.stop();
  await server.close();
});

interface World {
  readonly guard: Guard;
  readonly exporter: LangfuseExporter;
  readonly clock: FakeClock;
}

function world(options: LangfuseExporterOptions = {}, guardOptions: GuardOptions = {}): World {
  const clock = createFakeClock();
  const keys = options.client === undefined ? { ...KEYS, baseUrl: server.url } : {};
  const exporter = langfuseExporter({ clock, ...keys, ...options });
  const guard = createGuard({
    prices: createPriceBook(),
    clock,
    ...guardOptions,
    exporters: [exporter],
  });
  return { guard, exporter, clock };
}

const MODEL = { kind: "model", provider: "openai", name: "gpt-5" } as const;
const USAGE = { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400, reasoningTokens: 30 };

async function call(guard: Guard): Promise<void> {
  await guard.run(MODEL, () => ({ value: 1, usage: USAGE, output: "hi" }));
}

const polite: Evaluator = {
  name: "polite",
  on: "model",
  evaluate: () => ({ passed: true, score: 0.9, label: "kind" }),
};

describe("a model call", () => {
  it("is a generation with disjoint usage, its cost and its times, under the active span", async () => {
    const { guard, clock } = world();
    await startActiveObservation("request", async () => {
      const permit = await guard.begin(MODEL);
      permit.dispatched();
      clock.advance(200);
      permit.progress({ outputTokens: 1 });
      clock.advance(800);
      await permit.settle({ usage: USAGE });
    });
    await guard.close();
    await tracing.flush();
    const observations = server.observations();
    const generation = observations.find(({ name }) => name === "gpt-5");
    const request = observations.find(({ name }) => name === "request");
    expect(generation).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
    expect((generation?.endMs ?? 0) - (generation?.startMs ?? 0)).toBe(1_000);
    const { attributes = {} } = generation ?? {};
    expect(attributes["langfuse.observation.type"]).toBe("generation");
    expect(JSON.parse(`${attributes["langfuse.observation.usage_details"]}`)).toEqual({
      input: 600,
      input_cache_read: 400,
      output: 70,
      output_reasoning: 30,
      total: 1_100,
    });
    // 600 · $1.25 + 400 · $0.125 + 100 · $10 a million
    expect(JSON.parse(`${attributes["langfuse.observation.cost_details"]}`)).toEqual({
      total: 0.0018,
    });
  });

  it("outside of any trace has one of its own, whoever else's call ended just before", async () => {
    const { guard } = world();
    await startActiveObservation("request", async () => {
      const permit = await guard.begin(MODEL);
      permit.dispatched();
      await permit.settle({ usage: USAGE });
    });
    await call(guard);
    await nextTurn(); // in which the calls are written, in the place where the first one ended
    await guard.close();
    await tracing.flush();
    const [inside, outside] = server.observations().filter(({ name }) => name === "gpt-5");
    expect(inside?.parentSpanId).toBeDefined();
    expect(outside?.parentSpanId).toBeUndefined();
    expect(outside?.traceId).not.toBe(inside?.traceId);
  });

  it("has what the application propagates to its observations, such as users and tags", async () => {
    const { guard } = world();
    const attributes = { userId: "ann", sessionId: "s-1", tags: ["beta"] };
    await propagateAttributes(attributes, () =>
      startActiveObservation("request", () => call(guard)),
    );
    await guard.close();
    await tracing.flush();
    const generation = server.observations().find(({ name }) => name === "gpt-5");
    const request = server.observations().find(({ name }) => name === "request");
    expect(generation?.parentSpanId).toBe(request?.spanId);
    expect(generation?.attributes).toMatchObject({
      "user.id": "ann",
      "session.id": "s-1",
      "langfuse.trace.tags": { values: [{ stringValue: "beta" }] },
    });
  });

  it("where tracing is suppressed is no observation; its scores go to the one around it", async () => {
    const { guard } = world({}, { evaluators: [polite] });
    await startActiveObservation("request", () =>
      context.with(suppressTracing(context.active()), () => call(guard)),
    );
    await guard.close();
    await tracing.flush();
    const [request, ...others] = server.observations();
    expect(others).toEqual([]);
    expect(server.scores()).toMatchObject([{ observationId: request?.spanId }]);
  });

  it("that an instrumentation has as a span already is not written twice; its scores go there", async () => {
    const { guard } = world({}, { evaluators: [polite] });
    await startActiveObservation("chat gpt-5", () => call(guard), { asType: "generation" });
    await guard.close();
    await tracing.flush();
    const [only, ...others] = server.observations();
    expect(others).toEqual([]);
    expect(server.scores()).toMatchObject([
      { traceId: only?.traceId, observationId: only?.spanId },
    ]);
  });

  it.each(["ai.generateText.doGenerate", "ai.streamText.doStream", "ai.embedMany.doEmbed"])(
    "that the AI SDK's older spans (%s) have already is not written twice either",
    async (operation) => {
      const { guard } = world({}, { evaluators: [polite] });
      const attributes = { "ai.operationId": operation };
      await trace.getTracer("ai").startActiveSpan(operation, { attributes }, async (span) => {
        await call(guard);
        span.end();
      });
      await guard.close();
      await tracing.flush();
      expect(server.observations().map(({ name }) => name)).not.toContain("gpt-5");
      expect(server.scores()).toMatchObject([{ name: "polite" }]);
    },
  );

  it("that is refused is an error with the code, also where no generations are wanted", async () => {
    const { guard } = world({ generations: "never" }, { budgets: ["$0.000001/day"] });
    await expect(call(guard)).rejects.toMatchObject({ code: "BR2001" });
    await guard.close();
    await tracing.flush();
    expect(server.observations()).toMatchObject([
      {
        name: "gpt-5",
        attributes: {
          "langfuse.observation.level": "ERROR",
          "langfuse.observation.status_message": "BR2001",
        },
      },
    ]);
    const [refused] = server.observations();
    expect(refused?.attributes).not.toHaveProperty("langfuse.observation.metadata.usageSource");
  });

  it("of a tool that nobody ended says that what it is charged is an estimate", async () => {
    const { guard, clock } = world({}, { reservation: { dispatchedTtlMs: 1_000 } });
    const permit = await guard.begin({ kind: "tool", name: "search", input: "" });
    permit.dispatched();
    clock.advance(5_000);
    await guard.close();
    await tracing.flush();
    expect(server.observations()[0]?.attributes).toMatchObject({
      "langfuse.observation.metadata.usageSource": "estimated",
    });
  });

  it("that nobody ended has a warning and no cost; its late end has both", async () => {
    const { guard, clock } = world({}, { reservation: { dispatchedTtlMs: 1_000 } });
    const permit = await guard.begin(MODEL);
    permit.dispatched();
    clock.advance(5_000);
    await permit.settle({ usage: USAGE });
    await guard.close();
    await tracing.flush();
    const [unknown, late] = server.observations();
    expect(unknown?.attributes["langfuse.observation.level"]).toBe("WARNING");
    expect(unknown?.attributes).not.toHaveProperty("langfuse.observation.cost_details");
    expect(late?.attributes).toMatchObject({
      "langfuse.observation.cost_details": '{"total":0.0018}',
      "langfuse.observation.metadata.usageSource": "provider",
    });
  });
});

describe("verdicts", () => {
  it("are scores of their own call under concurrency, whenever the calls end", async () => {
    const { guard } = world({}, { evaluators: [polite] });
    const names = ["a", "b", "c", "d"];
    const permits = await Promise.all(
      names.map((name) => startActiveObservation(name, () => guard.begin({ ...MODEL, name }))),
    );
    for (const permit of permits.toReversed()) {
      permit.dispatched();
      await permit.settle({ usage: USAGE, output: "x" });
    }
    await guard.close();
    await tracing.flush();
    const all = server.observations();
    for (const name of names) {
      const parent = all.find((one) => one.name === name && one.parentSpanId === undefined);
      const own = all.find((one) => one.name === name && one.parentSpanId === parent?.spanId);
      const score = server.scores().find(({ observationId }) => observationId === own?.spanId);
      expect(score).toMatchObject({
        traceId: parent?.traceId,
        name: "polite",
        value: 0.9,
        dataType: "NUMERIC",
      });
    }
    expect(server.scores()).toHaveLength(4);
  });

  it("of background evaluators find their call, too; those of tasks go to the trace", async () => {
    const background: Evaluator = { ...polite, name: "slow", mode: "background" };
    const ofTask: Evaluator = { name: "solved", on: "task", evaluate: () => ({ passed: false }) };
    const { guard } = world({}, { evaluators: [background, ofTask] });
    await startActiveObservation("request", () => guard.task({ name: "t" }, () => call(guard)));
    await guard.close();
    await tracing.flush();
    const [{ traceId } = { traceId: "" }] = server.observations();
    expect(server.scores()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ traceId, name: "slow", observationId: expect.any(String) }),
        expect.objectContaining({ traceId, name: "solved", value: 0, dataType: "BOOLEAN" }),
      ]),
    );
  });

  it("of who is unsure are no number, and carry a name of their own", async () => {
    const unsure: Evaluator = { name: "unsure", on: "model", evaluate: () => ({}) };
    const { guard } = world({}, { evaluators: [unsure] });
    await call(guard);
    await guard.close();
    expect(server.scores()).toMatchObject([
      { name: "unsure.status", value: "unsure", dataType: "CATEGORICAL" },
    ]);
  });
});

it("objectives that concern a task's agent are scores of its trace, with what is left", async () => {
  const slo = {
    objectives: [{ name: "answers" }, { name: "others", match: { agent: "billing" } }],
    status: () => ({ state: "burning", remaining: 0.4 }),
  };
  const { guard } = world({ slo });
  await guard.task({ name: "t", agent: "support" }, () => call(guard));
  await guard.close();
  await tracing.flush();
  const [{ traceId } = { traceId: "" }] = server.observations();
  expect(server.scores()).toMatchObject([
    {
      traceId,
      name: "slo:answers",
      value: "burning",
      dataType: "CATEGORICAL",
      metadata: { remaining: 0.4 },
    },
  ]);
});

it("objectives are scores of the trace around a task, also when it calls nobody", async () => {
  const status = () => ({ state: "healthy", remaining: 1 });
  const { guard } = world({ slo: { objectives: [{ name: "answers" }], status } });
  const traceId = await tracing.tracer.startActiveSpan("request", async (span) => {
    await guard.task({ name: "t", agent: "support" }, async () => "from memory");
    span.end();
    return span.spanContext().traceId;
  });
  await guard.close();
  expect(server.scores()).toMatchObject([{ traceId, name: "slo:answers", value: "healthy" }]);
});

it("the application's own client sends the scores, with its keys", async () => {
  const client = new LangfuseClient({ ...KEYS, baseUrl: server.url });
  const { guard, exporter } = world({ client }, { evaluators: [polite] });
  await call(guard);
  await guard.close();
  expect(server.scores()).toMatchObject([{ name: "polite", value: 0.9 }]);
  expect(exporter.counts()).toMatchObject({ sent: 1, waiting: 0, rejected: 0, dropped: 0 });
});

it("one exporter of two guards goes on when one of them closes", async () => {
  const clock = createFakeClock();
  const exporter = langfuseExporter({ clock, ...KEYS, baseUrl: server.url });
  const [first, second] = [0, 1].map(() =>
    createGuard({ clock, exporters: [exporter], evaluators: [polite] }),
  ) as [Guard, Guard];
  await first.close();
  await call(second);
  await second.close();
  expect(server.scores()).toMatchObject([{ name: "polite" }]);
  expect(exporter.counts()).toMatchObject({ sent: 1, dropped: 0 });
});

it("one exporter of guards that follow each other sends what each of them has", async () => {
  const clock = createFakeClock();
  const exporter = langfuseExporter({ clock, ...KEYS, baseUrl: server.url });
  for (let guards = 0; guards < 3; guards++) {
    const guard = createGuard({ clock, exporters: [exporter], evaluators: [polite] });
    await call(guard);
    await guard.close();
  }
  expect(exporter.counts()).toMatchObject({ sent: 3, dropped: 0 });
});

it("one exporter of guards that come and go listens to those that are there", async () => {
  const exporter = langfuseExporter({ clock: createFakeClock(), ...KEYS, baseUrl: server.url });
  let listening = 0;
  const on = (): (() => void) => {
    listening++;
    return () => listening--;
  };
  const guards = Array.from({ length: 1_000 }, () => ({ on }) as unknown as Guard);
  for (const guard of guards) exporter.attach(guard);
  for (const guard of guards.slice(1)) {
    exporter.close();
    exporter.detach?.(guard);
  }
  expect(listening).toBe(2);
  exporter.close();
  expect(listening).toBe(0);
});

describe("options", () => {
  it.each<[LangfuseExporterOptions, RegExp]>([
    [{}, /a client, or publicKey and secretKey/],
    [{ publicKey: "pk" }, /secretKey/],
    [{ ...KEYS, baseUrl: "langfuse.local" }, /baseUrl/],
    [{ ...KEYS, generation: "auto" } as never, /generation.*generations/s],
    [{ client: {} as never }, /client\.api\.scores/],
    [{ ...KEYS, timeoutMs: 0 }, /timeoutMs/],
    [{ ...KEYS, timeoutMs: 2 ** 31 }, /timeoutMs/], // a timer that ends at once
    [{ ...KEYS, slo: { status: () => ({}) } as never }, /slo\.objectives/],
  ])("that are wrong are named: %o", (options, message) => {
    expect(() => langfuseExporter(options)).toThrow(message);
  });

  it("never show a secret that was given wrongly", () => {
    const secretKey = { value: KEYS.secretKey } as never;
    expect(() => langfuseExporter({ publicKey: "pk", secretKey })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(KEYS.secretKey) }),
    );
    const baseUrl = `https://user:${KEYS.secretKey}@langfuse.local`; // which fetch never asks
    expect(() => langfuseExporter({ ...KEYS, baseUrl })).toThrow(
      /^BR9001 langfuseExporter\.baseUrl .* without name and password; got "…@langfuse\.local"/,
    );
  });
});
