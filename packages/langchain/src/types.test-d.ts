import type { Guard } from "@burnrate/core";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";

declare const guard: Guard;

test("a guarded model keeps its type", () => {
  expectTypeOf(guardModel(new ChatOpenAI(), guard)).toEqualTypeOf<ChatOpenAI>();
});

test("the callback fits where LangChain takes callbacks", () => {
  expectTypeOf([guardCallback(guard)]).toExtend<Callbacks>();
});

test("an agent with the middleware keeps what LangChain infers", async () => {
  const options = {
    model: "openai:gpt-5-mini",
    tools: [],
    contextSchema: z.object({ tenant: z.string() }),
    responseFormat: z.object({ answer: z.number() }),
  };
  const bare = createAgent(options);
  const guarded = createAgent({ ...options, middleware: [guardMiddleware(guard)] });
  const run = async () => guarded.invoke({ messages: [] }, { context: { tenant: "acme" } });
  const runBare = async () => bare.invoke({ messages: [] }, { context: { tenant: "acme" } });
  expectTypeOf<Awaited<ReturnType<typeof run>>["structuredResponse"]>().toEqualTypeOf<{
    answer: number;
  }>();
  expectTypeOf<Awaited<ReturnType<typeof run>>["messages"]>().toEqualTypeOf<
    Awaited<ReturnType<typeof runBare>>["messages"]
  >();
});
