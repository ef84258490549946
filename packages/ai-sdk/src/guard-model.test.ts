import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { findGuardError, isGuardError } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, RetryError, streamText, ToolLoopAgent, tool, wrapLanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { httpModel, killAll, STOP, thrownBy, USAGE, watchedGuard } from "./test-fixture.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const BROKE = { budgets: ["$0.0000001/day"] };

describe("a refusal", () => {
  test("sends nothing from an agent, with or without a stream", async () => {
    const { guard, refused } = watchedGuard(BROKE);
    const agent = new ToolLoopAgent({ model: guardModel(httpModel(fake), guard) });
    expect(await thrownBy(() => agent.generate({ prompt: "hi" }))).toMatchObject({
      code: "BR2001",
    });
    const errors: unknown[] = [];
    const stream = await agent.stream({ prompt: "hi" });
    for await (const part of stream.fullStream) if (part.type === "error") errors.push(part.error);
    expect(errors.map((error) => findGuardError(error)?.code)).toEqual(["BR2001"]);
    expect(refused).toHaveLength(2);
    expect(fake.requestCount()).toBe(0);
  });

  test("is what generateText throws, not retried", async () => {
    const { guard, refused } = watchedGuard(BROKE);
    const model = guardModel(httpModel(fake), guard);
    const error = await thrownBy(() => generateText({ model, prompt: "hi", maxRetries: 5 }));
    expect(isGuardError(error)).toBe(true);
    expect(refused).toHaveLength(1);
    expect(fake.requestCount()).toBe(0);
  });

  test("is heard by onError of streamText, while its text only says that there was no output", async () => {
    const { guard } = watchedGuard(BROKE);
    const heard: unknown[] = [];
    const result = streamText({
      model: guardModel(httpModel(fake), guard),
      prompt: "hi",
      onError: ({ error }) => {
        heard.push(error);
      },
    });
    const error = await thrownBy(() => result.text);
    expect(heard.map((each) => findGuardError(each)?.code)).toEqual(["BR2001"]);
    expect(error).toMatchObject({ name: "AI_NoOutputGeneratedError" });
    expect(fake.requestCount()).toBe(0);
  });

  test("of a later attempt is found inside of the SDK's RetryError", async () => {
    const { guard } = watchedGuard();
    const inner = new MockLanguageModelV4({
      modelId: "gpt-5-mini",
      doGenerate: async () => {
        await killAll(guard);
        throw Object.assign(new Error("overloaded"), {
          [Symbol.for("vercel.ai.error")]: true,
          [Symbol.for("vercel.ai.error.AI_APICallError")]: true,
          isRetryable: true,
          statusCode: 503,
          responseHeaders: { "retry-after-ms": "1" },
        });
      },
    });
    const error = await thrownBy(() =>
      generateText({ model: guardModel(inner, guard), prompt: "hi", maxRetries: 3 }),
    );
    expect(RetryError.isInstance(error)).toBe(true);
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(inner.doGenerateCalls).toHaveLength(1);
  });
});

test("each of the SDK's own attempts is a call of its own, and the run one task", async () => {
  const { guard, records, tasks, held } = watchedGuard();
  fake.next({ kind: "fail", status: 500 });
  const model = guardModel(httpModel(fake), guard);
  const { text } = await generateText({ model, prompt: "hi", maxRetries: 1 });
  expect(text).toContain("hi");
  expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  expect(tasks).toEqual(["good"]);
  expect(await held()).toBe(0);
});

test("a request that the provider's package cannot make costs nothing, and its error stays", async () => {
  const { guard, records } = watchedGuard();
  const model = guardModel(httpModel(fake), guard);
  const file = { type: "file", data: new Uint8Array([1]), mediaType: "application/zip" } as const;
  const messages = [{ role: "user" as const, content: [file] }];
  expect(await thrownBy(() => generateText({ model, messages }))).toMatchObject({
    name: "AI_UnsupportedFunctionalityError",
  });
  const keyless = new Error("no key");
  keyless.name = "AI_LoadAPIKeyError";
  const bare = new MockLanguageModelV4({ doStream: () => Promise.reject(keyless) });
  const onError = vi.fn();
  await streamText({ model: guardModel(bare, guard), prompt: "hi", onError }).consumeStream();
  expect(onError.mock.calls[0]?.[0].error).toBe(keyless);
  const unmade = { outcome: "client-error", costNanoUsd: 0, usageSource: "provider" };
  expect(records).toMatchObject([unmade, unmade]);
  expect(fake.requestCount()).toBe(0);
});

test.each(["AI_InvalidArgumentError", "AI_InvalidPromptError", "AI_LoadSettingError"])(
  "a request that cannot be made (%s) costs nothing behind two hooks, either",
  async (name) => {
    const { guard, records } = watchedGuard();
    const unmade = Object.assign(new Error("no"), { name });
    const bare = new MockLanguageModelV4({ doGenerate: () => Promise.reject(unmade) });
    const inner = guardModel(bare, guard);
    for (const model of [
      inner,
      wrapLanguageModel({ model: inner, middleware: guardMiddleware(guard) }),
    ]) {
      expect(await thrownBy(() => generateText({ model, prompt: "hi" }))).toBe(unmade);
    }
    const nothing = { outcome: "client-error", costNanoUsd: 0 };
    expect(records).toMatchObject([nothing, nothing]);
  },
);

test("two hooks on one call count it once, two different calls twice", async () => {
  const { guard, records } = watchedGuard();
  const middleware = guardMiddleware(guard);
  const model = guardModel(
    guardModel(
      wrapLanguageModel({ model: httpModel(fake), middleware: [middleware, middleware] }),
      guard,
    ),
    guard,
  );
  await generateText({ model, prompt: "hi" });
  expect(records).toHaveLength(1);
  await streamText({ model, prompt: "hi" }).consumeStream();
  expect(records).toHaveLength(2);
  expect(fake.requestCount()).toBe(2);
});

test("the model keeps its class, its own state and its other members", () => {
  class Own extends MockLanguageModelV4 {
    readonly #secret = "kept";
    readSecret(): string {
      return this.#secret;
    }
  }
  const { guard } = watchedGuard();
  const model = guardModel(new Own({ modelId: "m" }), guard);
  expect(model).toBeInstanceOf(Own);
  expect(model.readSecret()).toBe("kept");
  expect(model.modelId).toBe("m");
});

test.each([
  ["frozen", Object.freeze],
  ["sealed", Object.seal],
  ["with a read-only method", <T extends object>(model: T) => fixMethod(model)],
])("a model that is %s can be guarded", async (_, fix) => {
  const { guard, records } = watchedGuard();
  const content = [{ type: "text" as const, text: "hello" }];
  const plain = {
    specificationVersion: "v4" as const,
    provider: "openai",
    modelId: "gpt-5-mini",
    supportedUrls: {},
    doGenerate: async () => ({ content, finishReason: STOP, usage: USAGE, warnings: [] }),
    doStream: () => Promise.reject(new Error("not here")),
  };
  const { text } = await generateText({
    model: guardModel(fix(plain), guard),
    prompt: "hi",
  });
  expect(text).toBe("hello");
  expect(records).toHaveLength(1);
});

test("a language model made by hand, without supportedUrls, is bounded and charged as one", async () => {
  const { guard, records } = watchedGuard();
  const sent: unknown[] = [];
  const content = [{ type: "text" as const, text: "hello" }];
  const plain = {
    specificationVersion: "v4" as const,
    provider: "openai",
    modelId: "gpt-5-mini",
    async doGenerate(params: { readonly maxOutputTokens?: number }) {
      sent.push(params.maxOutputTokens);
      return { content, finishReason: STOP, usage: USAGE, warnings: [] };
    },
    doStream: () => Promise.reject(new Error("not here")),
  };
  await generateText({ model: guardModel(plain, guard) as never, prompt: "hi" });
  expect(sent).toEqual([expect.any(Number)]);
  expect(records).toMatchObject([
    { bound: "enforced", usage: { inputTokens: 10 }, usageSource: "provider" },
  ]);
});

test.each<[string, readonly string[]]>([
  ["bounded under a budget", ["$1/day"]],
  ["sent as it is without one", []],
])("a request whose output limit is null, as JavaScript has it, is %s", async (_, budgets) => {
  const { guard } = watchedGuard({ budgets });
  const sent: unknown[] = [];
  const plain = new MockLanguageModelV4({
    provider: "openai",
    modelId: "gpt-5-mini",
    doGenerate: async ({ maxOutputTokens }) => {
      sent.push(maxOutputTokens);
      return { content: [], finishReason: STOP, usage: USAGE, warnings: [] };
    },
  });
  const model = guardModel(guardModel(plain, guard), guard);
  await generateText({ model, prompt: "hi", maxOutputTokens: null as never });
  expect(sent).toEqual([budgets.length === 0 ? null : expect.any(Number)]);
});

test("evaluators see that a tool call was forced", async () => {
  const seen: unknown[] = [];
  const evaluate = ({ input }: { readonly input: unknown }) => {
    seen.push(input);
    return { passed: true };
  };
  const { guard } = watchedGuard({ evaluators: [{ name: "look", on: "model", evaluate }] });
  const ping = tool({ inputSchema: z.object({}), execute: async () => "pong" });
  const model = guardModel(httpModel(fake), guard);
  fake.next({ kind: "reply", toolCalls: [{ name: "ping", arguments: {} }] });
  await generateText({ model, tools: { ping }, toolChoice: "required", prompt: "hi" });
  expect(seen).toMatchObject([{ toolChoice: { type: "required" } }]);
});

test("anything but a model, a guard and known options is refused at once", () => {
  const { guard } = watchedGuard();
  const model = httpModel(fake);
  expect(() => guardModel("openai/gpt-5" as never, guard)).toThrow(/BR9001.*model id/);
  expect(() => guardModel({ modelId: "live" } as never, guard)).toThrow(/BR9001.*realtime/);
  expect(() => guardModel(undefined as never, guard)).toThrow(/BR9001/);
  expect(() => guardModel(model, {} as never)).toThrow(/createGuard/);
  expect(() => guardModel(model, guard, { provder: "x" } as never)).toThrow(/provder/);
  expect(() => guardMiddleware(undefined as never)).toThrow(/createGuard/);
});

test("the provider option says whose prices apply", async () => {
  const { guard, records } = watchedGuard();
  await generateText({
    model: guardModel(httpModel(fake), guard, { provider: "acme" }),
    prompt: "hi",
  });
  expect(records[0]?.provider).toBe("acme");
});

test("a provider that is set up without streaming usage is warned about once", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  try {
    const { guard } = watchedGuard();
    const model = guardModel(httpModel(fake, false), guard);
    await streamText({ model, prompt: "hi" }).consumeStream();
    await streamText({ model, prompt: "hi" }).consumeStream();
    await streamText({ model: guardModel(httpModel(fake), guard), prompt: "hi" }).consumeStream();
    const ours = warn.mock.calls.filter(([text]) => String(text).includes("includeUsage"));
    expect(ours).toHaveLength(1);
  } finally {
    warn.mockRestore();
  }
});

test("a kill between admission and dispatch sends nothing", async () => {
  const { guard, held } = watchedGuard();
  const begin = guard.begin.bind(guard);
  vi.spyOn(guard, "begin").mockImplementation(async (request) => {
    const permit = await begin(request);
    await killAll(guard);
    return permit;
  });
  const model = guardModel(httpModel(fake), guard);
  const error = await thrownBy(() => generateText({ model, prompt: "hi" }));
  expect(error).toMatchObject({ code: "BR1001" });
  expect(fake.requestCount()).toBe(0);
  expect(await held()).toBe(0);
});

test("an answer of a model that did not listen to an abort is charged and withheld", async () => {
  const { guard, records, tasks, held } = watchedGuard();
  const deaf = new MockLanguageModelV4({
    provider: "openai",
    modelId: "gpt-5-mini",
    async doGenerate() {
      await killAll(guard, "abort");
      return {
        content: [{ type: "text", text: "too late" }],
        finishReason: STOP,
        usage: USAGE,
        warnings: [],
      };
    },
  });
  const model = guardModel(guardModel(deaf, guard), guard);
  const error = await thrownBy(() => generateText({ model, prompt: "hi" }));
  expect(error).toMatchObject({ code: "BR1001" });
  expect(deaf.doGenerateCalls).toHaveLength(1);
  expect(records).toMatchObject([
    { outcome: "killed", usageSource: "provider", usage: { inputTokens: 10, outputTokens: 5 } },
  ]);
  expect(await held()).toBe(0);
  expect(tasks).toEqual(["bad"]);
});

test("an answer that comes after a kill is withheld also when its caller had left before", async () => {
  const { guard, records } = watchedGuard();
  const caller = new AbortController();
  const deaf = new MockLanguageModelV4({
    async doGenerate() {
      caller.abort();
      await killAll(guard, "abort");
      return { content: [], finishReason: STOP, usage: USAGE, warnings: [] };
    },
  });
  const options = { model: guardModel(deaf, guard), prompt: "hi", abortSignal: caller.signal };
  expect(await thrownBy(() => generateText(options))).toMatchObject({ code: "BR1001" });
  expect(records).toMatchObject([{ outcome: "killed", usageSource: "provider" }]);
});

test("a structurally compatible guard of another copy is accepted", async () => {
  const { guard, records } = watchedGuard();
  const copy = Object.create(null, Object.getOwnPropertyDescriptors(proxied(guard)));
  await generateText({ model: guardModel(httpModel(fake), copy), prompt: "hi" });
  expect(records).toHaveLength(1);
});

/** The guard's methods alone, as a copy with other classes would have them. */
function proxied(guard: ReturnType<typeof watchedGuard>["guard"]): object {
  return {
    begin: guard.begin.bind(guard),
    openTask: guard.openTask.bind(guard),
    context: guard.context.bind(guard),
  };
}

/** As a transpiler or a mocking library may define it. */
function fixMethod<T extends object>(model: T): T {
  const value: unknown = Reflect.get(model, "doGenerate");
  return Object.defineProperty(model, "doGenerate", {
    value,
    writable: false,
    configurable: false,
  });
}

test("functions that a model makes anew whenever they are read are not kept", async () => {
  const { guard } = watchedGuard();
  const made: WeakRef<object>[] = [];
  const make = (): object => {
    const fresh = (): number => 1;
    made.push(new WeakRef(fresh));
    return fresh;
  };
  const inner = new MockLanguageModelV4();
  const fresh = { get: make, configurable: true };
  const model = guardModel(Object.defineProperty(inner, "fresh", fresh), guard);
  for (let n = 0; n < 100; n += 1) Reflect.get(model, "fresh");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const kept = (): number => made.filter((one) => one.deref() !== undefined).length;
  for (let turn = 0; turn < 50 && kept() > 1; turn += 1) {
    await setImmediate(); // what was looked at is kept until then
    collect();
  }
  expect(kept()).toBeLessThanOrEqual(1);
  expect(Reflect.get(model, "fresh")).toBeInstanceOf(Function); // and keeps the model until here
});
