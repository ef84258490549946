import type { Guard } from "@burnrate/core";
import { adapterContract, type ModelDriver } from "@burnrate/core/testing";
import { describe, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardProvider } from "./guard-provider.ts";
import { guardTools } from "./guard-tools.ts";
import type { ModelObject } from "./sdk-types.ts";
import { type Compatible, GENERATIONS, type Part, type Sdk } from "./testing/generations.ts";

function drive(sdk: Sdk, model: ModelObject): ModelDriver {
  const settings = (call: Parameters<ModelDriver["generate"]>[0]) => ({
    model,
    prompt: call.prompt,
    maxRetries: 0,
    ...(call.signal && { abortSignal: call.signal }),
    ...(call.maxOutputTokens !== undefined && { maxOutputTokens: call.maxOutputTokens }),
  });
  return {
    generate: async (call) => await sdk.generateText(settings(call)),
    stream: (call) =>
      textOf(sdk.streamText({ ...settings(call), onError: () => undefined }).fullStream),
  };
}

async function* textOf(parts: AsyncIterable<Part>): AsyncIterable<string> {
  for await (const part of parts) {
    if (part.type === "text-delta") yield part.text ?? "";
    if (part.type === "error") throw part.error;
  }
}

type Wrap = (provider: Compatible, guard: Guard, sdk: Sdk) => ModelObject;

const wrapped: Wrap = (provider, guard, sdk) =>
  sdk.wrapLanguageModel({ model: provider("gpt-5-mini"), middleware: guardMiddleware(guard) });

const HOOKS: Readonly<Record<string, Wrap>> = {
  guardModel: (provider, guard) => guardModel(provider("gpt-5-mini"), guard),
  guardMiddleware: wrapped,
  guardProvider: (provider, guard) => guardProvider(provider, guard)("gpt-5-mini"),
  "all three": (provider, guard, sdk) =>
    guardModel(wrapped(guardProvider(provider, guard), guard, sdk), guard),
};

for (const { version, sdk, provider } of GENERATIONS) {
  for (const [name, wrap] of Object.entries(HOOKS)) {
    describe(`${name} on ai ${version}`, () => {
      adapterContract({
        test,
        kind: "model",
        create: (setup) => drive(sdk, wrap(provider(setup.provider), setup.guard, sdk)),
      });
    });
  }

  describe(`guardTools on ai ${version}`, () => {
    adapterContract({
      test,
      kind: "tool",
      create({ guard, execute }) {
        const inputSchema = z.object({ text: z.string() });
        const { echo } = guardTools({ echo: sdk.tool({ inputSchema, execute }) }, guard);
        const run = echo.execute as (args: object, options: object) => Promise<unknown>;
        return {
          call: async (args, { signal } = {}) =>
            await run(args, {
              toolCallId: "call-1",
              messages: [],
              context: {},
              ...(signal && { abortSignal: signal }),
            }),
        };
      },
    });
  });
}
