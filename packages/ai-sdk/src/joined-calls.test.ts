import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, simulateStreamingMiddleware, streamText, wrapLanguageModel } from "ai";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTelemetry } from "./guard-telemetry.ts";
import type { ModelObject } from "./sdk-types.ts";
import { httpModel, type WatchedGuard, watchedGuard } from "./test-fixture.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

type Middleware = Exclude<
  Parameters<typeof wrapLanguageModel>[0]["middleware"],
  readonly unknown[]
>;

/** A middleware between two hooks of the same guard. */
function between(watched: WatchedGuard, middleware: Middleware): ModelObject {
  const { guard } = watched;
  const model = guardModel(httpModel(fake), guard) as never;
  return guardModel(wrapLanguageModel({ model, middleware }), guard);
}

const WAYS = ["generateText", "streamText"] as const;

async function run(way: (typeof WAYS)[number], model: ModelObject, more = {}): Promise<void> {
  const settings = { model: model as never, prompt: "hi", maxRetries: 0, ...more };
  if (way === "generateText") await generateText(settings);
  else await streamText({ ...settings, onError: () => undefined }).consumeStream();
  await fake.idle();
}

/** The fake provider's bill is ours, and each request a record. */
async function expectEven({ records, held }: WatchedGuard): Promise<void> {
  const cost = records.reduce((sum, { costNanoUsd = 0 }) => sum + costNanoUsd, 0);
  expect(cost).toBe(fake.billedNanoUsd());
  expect(records).toHaveLength(fake.requestCount());
  expect(await held()).toBe(0);
}

/** Asks again what failed, as often as it takes. */
const retries: Middleware = {
  wrapGenerate: async ({ doGenerate }) => {
    for (;;) {
      try {
        return await doGenerate();
      } catch {}
    }
  },
  wrapStream: async ({ doStream }) => {
    for (;;) {
      try {
        return await doStream();
      } catch {}
    }
  },
};

describe.each(WAYS)("%s: a middleware between two hooks", (way) => {
  test.each([
    ["rate-limited", { kind: "rate-limit", retryAfterSeconds: 0 }],
    ["server-error", { kind: "fail", status: 500 }],
  ] as const)(
    "that repeats what was %s: only the answer is charged, once",
    async (end, failure) => {
      const watched = watchedGuard();
      fake.script([failure, failure, { kind: "reply", text: "well", cachedTokens: 1 }]);
      await run(way, between(watched, retries));
      await expectEven(watched);
      const outcomes = watched.records.map(({ outcome }) => outcome).sort();
      expect(outcomes).toEqual([end, end, "success"]);
    },
  );

  test("that falls back to a model without a guard is charged for its answer", async () => {
    const watched = watchedGuard();
    const backup = httpModel(fake) as unknown as Record<string, (params: object) => Promise<never>>;
    const model = between(watched, {
      wrapGenerate: ({ doGenerate, params }) =>
        Promise.resolve(doGenerate()).catch(() => backup["doGenerate"]?.(params) as Promise<never>),
      wrapStream: ({ doStream, params }) =>
        Promise.resolve(doStream()).catch(() => backup["doStream"]?.(params) as Promise<never>),
    });
    fake.next({ kind: "fail", status: 500 });
    await run(way, model);
    expect(watched.records).toMatchObject([{ costNanoUsd: fake.billedNanoUsd() }]);
    expect(await watched.held()).toBe(0);
  });

  test("cannot raise or take away the output limit that was reserved", async () => {
    for (const maxOutputTokens of [9_000, undefined]) {
      const watched = watchedGuard();
      const transformParams: Middleware["transformParams"] = async ({ params }) => {
        const { maxOutputTokens: _, ...others } = params;
        return maxOutputTokens === undefined ? others : { ...others, maxOutputTokens };
      };
      await run(way, between(watched, { transformParams }), { maxOutputTokens: 70 });
      expect(fake.requests.at(-1)?.receivedBody?.["max_tokens"]).toBe(70);
    }
  });

  test("that rewrites the prompt is charged once", async () => {
    const watched = watchedGuard();
    const addToQuestion: Middleware["transformParams"] = async ({ params }) => {
      const [question] = params.prompt;
      if (question?.role !== "user") throw new Error("There is no question.");
      const found = { type: "text", text: "what was found" } as const;
      return { ...params, prompt: [{ ...question, content: [found, ...question.content] }] };
    };
    await run(way, between(watched, { transformParams: addToQuestion }));
    expect(JSON.stringify(fake.requests[0]?.receivedBody)).toContain("what was found");
    expect(fake.requestCount()).toBe(1);
    await expectEven(watched);
  });

  test("may lower the output limit", async () => {
    const watched = watchedGuard();
    const lower = async ({ params }: { params: object }) => ({ ...params, maxOutputTokens: 30 });
    await run(way, between(watched, { transformParams: lower as never }), { maxOutputTokens: 70 });
    expect(fake.requests.at(-1)?.receivedBody?.["max_tokens"]).toBe(30);
  });

  test("that drops the signal hides no kill", async () => {
    const watched = watchedGuard();
    const model = between(watched, {
      transformParams: async ({ params: { abortSignal: _, ...others } }) => others as never,
    });
    fake.next({ kind: "stall" });
    const running = run(way, model).catch(() => undefined);
    await fake.waitForRequests(1);
    await watched.guard.kill("everything", { reason: "test", by: "test", level: "abort" });
    await running;
    await fake.idle();
    expect(fake.requests).toMatchObject([{ outcome: "client-closed" }]);
    expect(watched.records).toMatchObject([{ outcome: "killed" }]);
  });
});

test("a middleware that throws an answer away pays for each, at its own price", async () => {
  const watched = watchedGuard();
  const twice: Middleware = {
    wrapGenerate: async ({ doGenerate }) => {
      await doGenerate();
      return await doGenerate();
    },
  };
  fake.script([
    { kind: "reply", text: "a long answer that nobody wants" },
    { kind: "reply", text: "short" },
  ]);
  await run("generateText", between(watched, twice));
  await expectEven(watched);
});

describe.each(["a guarded model", "a model under telemetry"])("under %s", (hook) => {
  test("what a middleware asks the same model on its own is a call of its own", async () => {
    const watched = watchedGuard();
    const { guard } = watched;
    const guarded =
      hook === "a guarded model" ? guardModel(httpModel(fake), guard) : httpModel(fake);
    const integrations = hook === "a guarded model" ? [] : [guardTelemetry(guard) as never];
    const settings = { maxRetries: 0, telemetry: { integrations } };
    const asksFirst: Middleware = {
      wrapGenerate: async ({ doGenerate }) => {
        await generateText({ ...settings, model: guarded as never, prompt: "is that allowed?" });
        return await doGenerate();
      },
    };
    const wrapped = wrapLanguageModel({ model: httpModel(fake) as never, middleware: asksFirst });
    const model = hook === "a guarded model" ? guardModel(wrapped, guard) : wrapped;
    await generateText({ ...settings, model, prompt: "a question that is longer" });
    await fake.idle();
    expect(fake.requestCount()).toBe(2);
    await expectEven(watched);
  });
});

test("a middleware that makes a stream of an answer is charged for the answer", async () => {
  const watched = watchedGuard();
  await run("streamText", between(watched, simulateStreamingMiddleware()));
  await expectEven(watched);
});

test("a retrying middleware under telemetry is charged once", async () => {
  const watched = watchedGuard();
  fake.next({ kind: "fail", status: 500 });
  const telemetry = { integrations: [guardTelemetry(watched.guard) as never] };
  await run("generateText", between(watched, retries), { telemetry });
  await expectEven(watched);
});

test("an evaluator judges a stream under three hooks once, and it is shown once", async () => {
  let judged = 0;
  const evaluate = () => {
    judged += 1;
    return { passed: true };
  };
  const watched = watchedGuard({
    evaluators: [
      { name: "judge", on: "model", required: true, evaluate, onStream: { window: 1_000 } },
    ],
  });
  const { guard } = watched;
  const model = guardModel(
    wrapLanguageModel({
      model: guardModel(httpModel(fake), guard) as never,
      middleware: guardMiddleware(guard),
    }),
    guard,
  );
  fake.next({ kind: "reply", text: "one two three" });
  let text = "";
  for await (const delta of streamText({ model, prompt: "hi" }).textStream) text += delta;
  expect(text).toBe("one two three");
  expect(judged).toBe(1);
  await expectEven(watched);
});

test("two copies of this package count a call once", async () => {
  const watched = watchedGuard();
  const { guard } = watched;
  vi.resetModules();
  const copy = await import("./guard-model.ts");
  expect(copy.guardModel).not.toBe(guardModel);
  const model = guardModel(copy.guardModel(httpModel(fake) as ModelObject, guard), guard);
  await run("generateText", model);
  await run("streamText", model);
  await expectEven(watched);
});
