import type { Guard } from "@burnrate/core";
import { adapterContract, type FakeProvider, type ModelDriver } from "@burnrate/core/testing";
import {
  generateText,
  streamText,
  type TextStreamPart,
  type ToolSet,
  tool,
  wrapLanguageModel,
} from "ai";
import { describe, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import type { LanguageModelObject } from "./sdk-types.ts";
import { httpModel } from "./test-fixture.ts";

function drive(model: LanguageModelObject): ModelDriver {
  const settings = (call: Parameters<ModelDriver["generate"]>[0]) => ({
    model,
    prompt: call.prompt,
    maxRetries: 0,
    ...(call.signal && { abortSignal: call.signal }),
    ...(call.maxOutputTokens !== undefined && { maxOutputTokens: call.maxOutputTokens }),
  });
  return {
    generate: async (call) => await generateText(settings(call)),
    stream: (call) =>
      textOf(streamText({ ...settings(call), onError: () => undefined }).fullStream),
  };
}

async function* textOf(parts: AsyncIterable<TextStreamPart<ToolSet>>): AsyncIterable<string> {
  for await (const part of parts) {
    if (part.type === "text-delta") yield part.text;
    if (part.type === "error") throw part.error;
  }
}

type Wrap = (setup: { provider: FakeProvider; guard: Guard }) => LanguageModelObject;

const HOOKS: Readonly<Record<string, Wrap>> = {
  guardModel: ({ provider, guard }) => guardModel(httpModel(provider), guard),
  guardMiddleware: ({ provider, guard }) =>
    wrapLanguageModel({ model: httpModel(provider), middleware: guardMiddleware(guard) }),
  "guardModel over guardMiddleware": ({ provider, guard }) =>
    guardModel(
      wrapLanguageModel({ model: httpModel(provider), middleware: guardMiddleware(guard) }),
      guard,
    ),
};

for (const [name, wrap] of Object.entries(HOOKS)) {
  describe(name, () => {
    adapterContract({ test, kind: "model", create: (setup) => drive(wrap(setup)) });
  });
}

describe("guardTools", () => {
  adapterContract({
    test,
    kind: "tool",
    create({ guard, execute }) {
      const { echo } = guardTools(
        { echo: tool({ inputSchema: z.object({ text: z.string() }), execute }) },
        guard,
      );
      return {
        call: async (args, { signal } = {}) =>
          await echo.execute(args, {
            toolCallId: "call-1",
            messages: [],
            context: {},
            ...(signal && { abortSignal: signal }),
          }),
      };
    },
  });
});
