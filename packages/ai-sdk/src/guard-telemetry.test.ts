import { findGuardError } from "@burnrate/core";
import { adapterContract, type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import {
  embed,
  generateObject,
  generateText,
  isStepCount,
  registerTelemetry,
  streamText,
  ToolLoopAgent,
  tool,
} from "ai";
import { generateText as generateTextOf6, registerTelemetryIntegration } from "ai-6";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardModel } from "./guard-model.ts";
import { guardTelemetry } from "./guard-telemetry.ts";
import { guardTools } from "./guard-tools.ts";
import { httpModel, killAll, thrownBy, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS, type Generation } from "./testing/generations.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());
afterEach(() => {
  globalThis.AI_SDK_TELEMETRY_INTEGRATIONS = undefined;
});

const look = tool({
  inputSchema: z.object({ at: z.string() }),
  execute: async ({ at }: { at: string }) => `saw ${at}`,
});

for (const { version, sdk, provider } of GENERATIONS.filter(({ major }) => major === 7)) {
  describe(`guardTelemetry on ai ${version}`, () => {
    adapterContract({
      test,
      kind: "model",
      limitsOutput: false,
      abortsCalls: false,
      seesAborts: false, // no integration is handed the caller's signal
      create({ provider: books, guard }) {
        globalThis.AI_SDK_TELEMETRY_INTEGRATIONS = undefined;
        registerTelemetry(guardTelemetry(guard));
        const settings = (call: object) => {
          const { signal, ...others } = call as { signal?: AbortSignal; prompt: string };
          const model = provider(books)("gpt-5-mini");
          return { model, maxRetries: 0, ...others, ...(signal && { abortSignal: signal }) };
        };
        return {
          generate: async (call) => await sdk.generateText(settings(call)),
          async *stream(call) {
            const { fullStream } = sdk.streamText({ ...settings(call), onError: () => undefined });
            for await (const part of fullStream) {
              if (part.type === "text-delta") yield part.text ?? "";
              if (part.type === "error") throw part.error;
            }
          },
        };
      },
    });
  });
}

test("an agent's models and tools are guarded in one task by one registered line", async () => {
  const { guard, records, tasks } = watchedGuard();
  registerTelemetry(guardTelemetry(guard, { costs: { look: 0.01 } }));
  fake.next({ kind: "reply", toolCalls: [{ name: "look", arguments: { at: "a" } }] });
  fake.next({ kind: "reply", text: "done" });
  const agent = new ToolLoopAgent({ model: httpModel(fake), tools: { look } });
  expect((await agent.generate({ prompt: "go" })).text).toBe("done");
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  expect(records[1]?.costNanoUsd).toBe(10_000_000);
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  expect(tasks).toEqual(["good"]);
});

test("an agent that repeats itself is stopped by its next model call", async () => {
  const { guard, records, tasks } = watchedGuard({ limits: { repeatedToolCall: { refuseAt: 3 } } });
  registerTelemetry(guardTelemetry(guard));
  fake.script(() => ({ kind: "reply", toolCalls: [{ name: "look", arguments: { at: "a" } }] }));
  const agent = new ToolLoopAgent({ model: httpModel(fake), tools: { look } });
  const thrown = await thrownBy(() => agent.generate({ prompt: "go" }));
  expect(findGuardError(thrown)?.code).toBe("BR4003");
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model", "tool", "model"]);
  expect(tasks).toEqual(["bad"]);
});

test("with a guarded model and guarded tools inside, each call is counted once and limited", async () => {
  const { guard, records } = watchedGuard();
  registerTelemetry(guardTelemetry(guard, { costs: { look: 0.01 } }));
  fake.next({ kind: "reply", toolCalls: [{ name: "look", arguments: { at: "a" } }] });
  fake.next({ kind: "reply", text: "done" });
  await generateText({
    model: guardModel(httpModel(fake), guard),
    tools: guardTools({ look }, guard, { costs: { look: 0.01 } }),
    prompt: "go",
    stopWhen: isStepCount(3),
  });
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  expect(fake.requests[0]?.receivedBody).toHaveProperty("max_tokens");
});

test("a tool's price that only the inner hook knows is charged all the same", async () => {
  const { guard, records } = watchedGuard();
  registerTelemetry(guardTelemetry(guard));
  fake.next({ kind: "reply", toolCalls: [{ name: "look", arguments: { at: "a" } }] });
  const tools = guardTools({ look }, guard, { costs: { look: 0.01 } });
  await generateText({ model: httpModel(fake), tools, prompt: "go" });
  const charged = records.filter(({ kind }) => kind === "tool").map((record) => record.costNanoUsd);
  expect(charged).toContain(10_000_000);
});

test("a kill ends the wait for an answer that cannot be cut", async () => {
  const { guard, records } = watchedGuard();
  registerTelemetry(guardTelemetry(guard));
  fake.next({ kind: "stall" });
  const call = thrownBy(() => generateText({ model: httpModel(fake), prompt: "hi" }));
  await fake.waitForRequests(1);
  await killAll(guard, "abort");
  expect(findGuardError(await call)?.code).toBe("BR1001");
  expect(records).toMatchObject([{ outcome: "killed" }]);
});

test("a stream that the caller aborts is settled as one that was left", async () => {
  const { guard, records, held } = watchedGuard();
  registerTelemetry(guardTelemetry(guard));
  const stop = new AbortController();
  fake.next({ kind: "stall", afterChunks: 2, text: "hello you there" });
  const { fullStream } = streamText({
    model: httpModel(fake),
    prompt: "hi",
    abortSignal: stop.signal,
    onError: () => undefined,
  });
  for await (const { type } of fullStream) if (type === "text-delta") stop.abort();
  await expect.poll(() => records.map(({ outcome }) => outcome)).toEqual(["abandoned"]);
  expect(await held()).toBe(0);
});

test("what escapes it: calls with telemetry off or of their own, objects, embeddings", async () => {
  const { guard, records } = watchedGuard();
  registerTelemetry(guardTelemetry(guard));
  const model = httpModel(fake);
  await generateText({ model, prompt: "hi", telemetry: { isEnabled: false } });
  await generateText({ model, prompt: "hi", telemetry: { integrations: [{}] } });
  fake.next({ kind: "reply", text: '{"a":1}' });
  await generateObject({ model, prompt: "hi", schema: z.object({ a: z.number() }) });
  const newest = GENERATIONS.at(-1) as Generation;
  const embedding = newest.provider(fake).textEmbeddingModel("text-embedding-3-small");
  await embed({ model: embedding as never, value: "hi" });
  expect(fake.requestCount()).toBe(4);
  expect(records).toHaveLength(0);
});

test("streamText gets a refusal as its error part", async () => {
  const { guard } = watchedGuard();
  await killAll(guard);
  registerTelemetry(guardTelemetry(guard));
  const errors: unknown[] = [];
  const onError = ({ error }: { error: unknown }) => void errors.push(error);
  await streamText({ model: httpModel(fake), prompt: "hi", onError }).consumeStream();
  expect(errors.map((error) => findGuardError(error)?.code)).toEqual(["BR1001"]);
});

test("a version of ai that asks integrations nothing is told of", async () => {
  const { guard } = watchedGuard();
  registerTelemetryIntegration(guardTelemetry(guard));
  const warnings: string[] = [];
  const listen = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", listen);
  const six = GENERATIONS[3] as Generation;
  await generateTextOf6({ model: six.provider(fake)("gpt-5-mini") as never, prompt: "hi" });
  await expect.poll(() => warnings.join()).toContain("nothing is guarded by it");
  process.off("warning", listen);
});

test("wrong options are told by name", () => {
  const { guard } = watchedGuard();
  expect(() => guardTelemetry(guard, { models: {} } as never)).toThrow(/BR9001.*models/);
  expect(() => guardTelemetry(guard, { costs: { look: -1 } })).toThrow(/BR9001.*look/);
});
