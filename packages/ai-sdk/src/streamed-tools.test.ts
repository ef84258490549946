import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import { watchedGuard } from "./test-fixture.ts";
import { GENERATIONS } from "./testing/generations.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

/** As each version has it: an agent may make so many steps. */
const atMost =
  (steps: number) =>
  ({ steps: made }: { readonly steps: readonly unknown[] }) =>
    made.length >= steps;

// Old versions run a tool when its call has come, and not when the answer is over.
test.each(GENERATIONS)(
  "a streamed loop of tools is one task, and ends: ai $version",
  async ({ sdk, provider }) => {
    fake.script(() => ({ kind: "reply", toolCalls: [{ name: "look", arguments: { q: "x" } }] }));
    const { guard, records, refused } = watchedGuard({
      limits: { repeatedToolCall: { refuseAt: 3 } },
    });
    const inner = guardModel(provider(fake)("gpt-5-mini"), guard);
    const model = sdk.wrapLanguageModel({ model: inner, middleware: guardMiddleware(guard) });
    const look = sdk.tool({
      inputSchema: z.object({ q: z.string() }),
      execute: async () => "seen",
    });
    const settings = {
      model: guardModel(model, guard),
      tools: guardTools({ look }, guard),
      prompt: "go",
      stopWhen: atMost(9),
      onError: () => {},
    };
    for await (const _ of sdk.streamText(settings).fullStream);
    expect(refused.map(({ code }) => code)).toEqual(["BR4003", "BR4003"]);
    expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model", "tool", "model"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
    await guard.close();
  },
);
