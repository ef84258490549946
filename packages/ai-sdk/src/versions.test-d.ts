import { createOpenAICompatible as createV4 } from "@ai-sdk/openai-compatible";
import type { Guard } from "@burnrate/core";
import * as ai7 from "ai";
import * as ai5 from "ai-5";
import * as ai5Oldest from "ai-5-oldest";
import * as ai6 from "ai-6";
import * as ai6Oldest from "ai-6-oldest";
import * as ai7Oldest from "ai-7-oldest";
import { createOpenAICompatible as createV2 } from "openai-compatible-1";
import { createOpenAICompatible as createV3 } from "openai-compatible-2";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { guardEmbeddingMiddleware } from "./guard-embedding-middleware.ts";
import { guardImageMiddleware } from "./guard-image-middleware.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardProvider } from "./guard-provider.ts";
import { guardTelemetry } from "./guard-telemetry.ts";
import { guardTools } from "./guard-tools.ts";

declare const guard: Guard;
const settings = { name: "openai", baseURL: "http://localhost/v1" };
const v2 = createV2(settings);
const v3 = createV3(settings);
const v4 = createV4(settings);

test("ai 5: language models, middleware, provider and tools keep their types", async () => {
  const model = guardModel(v2("gpt-5"), guard);
  expectTypeOf(guardProvider(v2, guard)).toEqualTypeOf(v2);
  const tools = guardTools(
    {
      add: ai5.tool({ inputSchema: z.object({ n: z.number() }), execute: async ({ n }) => n + 1 }),
    },
    guard,
  );
  const { toolResults } = await ai5.generateText({ model, tools, prompt: "" });
  for (const result of toolResults) {
    if (!result.dynamic) expectTypeOf(result.output).toEqualTypeOf<number>();
  }
  ai5.wrapLanguageModel({ model, middleware: guardMiddleware(guard) });
  ai5Oldest.wrapLanguageModel({ model, middleware: [guardMiddleware(guard)] });
  await ai5.embed({ model: guardModel(v2.textEmbeddingModel("e"), guard), value: "" });
  await ai5Oldest.generateText({ model, prompt: "" });
});

test("ai 6: and embedding and image models", async () => {
  const model = guardModel(v3("gpt-5"), guard, { models: { cheap: v3("gpt-5-mini") } });
  expectTypeOf(guardProvider(v3, guard)).toEqualTypeOf(v3);
  await ai6.generateText({ model, prompt: "" });
  ai6.wrapLanguageModel({ model, middleware: guardMiddleware(guard) });
  ai6Oldest.wrapLanguageModel({ model, middleware: guardMiddleware(guard) });
  const embedding = guardModel(v3.embeddingModel("e"), guard);
  ai6.wrapEmbeddingModel({ model: embedding, middleware: guardEmbeddingMiddleware(guard) });
  ai6Oldest.wrapEmbeddingModel({ model: embedding, middleware: guardEmbeddingMiddleware(guard) });
  const image = guardModel(v3.imageModel("i"), guard);
  ai6.wrapImageModel({ model: image, middleware: guardImageMiddleware(guard) });
  // @ts-expect-error its integrations are asked nothing before a request
  ai6.registerTelemetryIntegration({ executeTool: guardTelemetry(guard).executeTool });
});

test("ai 7: and telemetry", () => {
  const model = guardModel(v4("gpt-5"), guard);
  expectTypeOf(guardProvider(v4, guard)).toEqualTypeOf(v4);
  ai7.wrapLanguageModel({ model, middleware: guardMiddleware(guard) });
  const embedding = guardModel(v4.embeddingModel("e"), guard);
  ai7.wrapEmbeddingModel({ model: embedding, middleware: guardEmbeddingMiddleware(guard) });
  const image = guardModel(v4.imageModel("i"), guard);
  ai7.wrapImageModel({ model: image, middleware: guardImageMiddleware(guard) });
  ai7.registerTelemetry(guardTelemetry(guard));
  globalThis.AI_SDK_DEFAULT_PROVIDER = guardProvider(ai7.gateway, guard);
});

test("the first ai 7, with a provider of its time", () => {
  const first = guardProvider(ai7Oldest.gateway, guard);
  const middleware = guardMiddleware(guard);
  ai7Oldest.wrapLanguageModel({ model: guardModel(first("openai/gpt-5"), guard), middleware });
  ai7Oldest.wrapEmbeddingModel({
    model: first.embeddingModel("openai/e"),
    middleware: guardEmbeddingMiddleware(guard),
  });
  ai7Oldest.wrapImageModel({
    model: first.imageModel("openai/i"),
    middleware: guardImageMiddleware(guard),
  });
  ai7Oldest.registerTelemetry(guardTelemetry(guard));
});
