import type { Guard } from "@burnrate/core";
import { generateText, type LanguageModel, tool, wrapLanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";

declare const guard: Guard;

test("a guarded model has the type that it had", () => {
  class Own extends MockLanguageModelV4 {
    readonly extra: number = 1;
  }
  expectTypeOf(guardModel(new Own(), guard)).toEqualTypeOf<Own>();
  expectTypeOf(guardModel(new Own(), guard)).toExtend<LanguageModel>();
  wrapLanguageModel({ model: new Own(), middleware: [guardMiddleware(guard)] });
});

test("tool results keep their types", async () => {
  const tools = guardTools(
    {
      add: tool({
        inputSchema: z.object({ n: z.number() }),
        execute: async ({ n }: { n: number }) => n + 1,
      }),
      name: tool({ inputSchema: z.object({}), execute: async () => "x" }),
    },
    guard,
  );
  const model = guardModel(new MockLanguageModelV4(), guard);
  const { toolResults } = await generateText({ model, tools, prompt: "" });
  for (const result of toolResults) {
    if (result.dynamic) continue;
    if (result.toolName === "add") expectTypeOf(result.output).toEqualTypeOf<number>();
    else expectTypeOf(result.output).toEqualTypeOf<string>();
  }
});

test("embedding models and ids are no language models", () => {
  // @ts-expect-error a model id is not a model object
  guardModel("openai/gpt-5", guard);
});
