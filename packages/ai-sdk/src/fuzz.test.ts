import { findGuardError } from "@burnrate/core";
import { generateText, streamText } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import fc from "fast-check";
import { expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import type { CallOptions } from "./sdk-types.ts";
import {
  type LanguageModelObject,
  partStream,
  STOP,
  streamModel,
  TEXT_PARTS,
  watchedGuard,
} from "./test-fixture.ts";

/** Half is nonsense, half has the right shape with wrong figures. */
const figure = fc.oneof(fc.double(), fc.integer(), fc.constant(undefined), fc.anything());
const usage = fc.oneof(
  fc.anything(),
  fc.record({
    inputTokens: fc.record({
      total: figure,
      noCache: figure,
      cacheRead: figure,
      cacheWrite: figure,
    }),
    outputTokens: fc.record({ total: figure, text: figure, reasoning: figure }),
  }),
);
const chunk = fc.oneof(
  fc.anything(),
  fc.record({
    type: fc.constantFrom("text-delta", "tool-call", "tool-input-delta", "error", "finish", "raw"),
    id: fc.anything(),
    delta: fc.anything(),
    toolCallId: fc.anything(),
    toolName: fc.anything(),
    input: fc.anything(),
    usage,
    finishReason: fc.anything(),
    error: fc.anything(),
  }),
);

/** What a run ends with, in a form that two runs can be compared by. */
async function outcomeOf(run: () => PromiseLike<unknown>): Promise<string> {
  try {
    await run();
    return "ok";
  } catch (error) {
    return findGuardError(error) === undefined ? String((error as Error)?.name) : "guard error";
  }
}

test("1,000 fuzzed usages: what the SDK does without us, and nothing stays held", async () => {
  await fc.assert(
    fc.asyncProperty(usage, async (given) => {
      const { guard, records, held } = watchedGuard({ budgets: ["$1000/day"] });
      const make = () =>
        new MockLanguageModelV4({
          modelId: "gpt-5-mini",
          doGenerate: (async () => ({
            content: [{ type: "text", text: "hi" }],
            finishReason: STOP,
            usage: given,
            warnings: [],
          })) as never,
        });
      const run = (model: LanguageModelObject) =>
        outcomeOf(() => generateText({ model, prompt: "hi", maxRetries: 0 }));
      expect(await run(guardModel(make(), guard))).toBe(await run(make()));
      expect(await held()).toBe(0);
      expect(records).toHaveLength(1);
      expect(records[0]?.costNanoUsd).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1_000 },
  );
});

test("1,000 fuzzed streams: the same parts and the same error as without us", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), async (parts) => {
      const { guard, held } = watchedGuard();
      const read = async (model: LanguageModelObject): Promise<string> => {
        const seen: unknown[] = [];
        const name = await outcomeOf(async () => {
          const { stream } = await (model as MockLanguageModelV4).doStream({ prompt: [] });
          for await (const part of stream) seen.push(part);
        });
        expect(seen.every((part, index) => Object.is(part, parts[index]))).toBe(true);
        return `${name} ${seen.length}`;
      };
      const make = () => streamModel(() => partStream(parts));
      expect(await read(guardModel(make(), guard))).toBe(await read(make()));
      expect(await held()).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});

test("1,000 fuzzed prompts: the model gets them as they were", async () => {
  const { guard, held } = watchedGuard({ budgets: ["$1000000/day"] });
  await fc.assert(
    fc.asyncProperty(fc.anything(), fc.anything(), async (prompt, tools) => {
      const params = { prompt, tools } as CallOptions;
      const inner = streamModel(() => partStream(TEXT_PARTS));
      const name = await outcomeOf(async () => {
        const { stream } = await guardModel(inner, guard).doStream(params);
        for await (const _ of stream);
      });
      expect(["ok", "guard error"]).toContain(name);
      if (name === "ok") expect(inner.doStreamCalls[0]?.prompt).toBe(prompt);
    }),
    { numRuns: 1_000 },
  );
  expect(await held()).toBe(0);
});

test("streamText never throws for what a model streams", async () => {
  const { guard } = watchedGuard({ budgets: ["$1000000/day"] });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...TEXT_PARTS), { maxLength: 6 }), async (parts) => {
      const run = (model: LanguageModelObject) =>
        outcomeOf(() =>
          streamText({ model, prompt: "hi", onError: () => undefined }).consumeStream(),
        );
      const make = () => streamModel(() => partStream(parts));
      expect(await run(guardModel(make(), guard))).toBe(await run(make()));
    }),
    { numRuns: 200 },
  );
});
