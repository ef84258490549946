import type { Guard } from "@burnrate/core";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { type AgentMiddleware, createAgent, tool } from "langchain";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";

declare const guard: Guard;

test("a guarded model keeps its type", () => {
  expectTypeOf(guardModel(new ChatOpenAI(), guard)).toEqualTypeOf<ChatOpenAI>();
});

test("guarded embeddings and tools keep their types", () => {
  expectTypeOf(guardEmbeddings(new OpenAIEmbeddings(), guard)).toEqualTypeOf<OpenAIEmbeddings>();
  const search = tool(() => 1, { name: "search", schema: z.object({ text: z.string() }) });
  expectTypeOf(guardTool(search, guard)).toEqualTypeOf<typeof search>();
});

test("a substitute is a model, not a name", () => {
  guardModel(new ChatOpenAI(), guard, { models: { cheap: new ChatOpenAI() } });
  // @ts-expect-error a name is no model
  guardModel(new ChatOpenAI(), guard, { models: { cheap: "gpt-5-nano" } });
});

test("the middleware fits where LangChain takes middleware", () => {
  expectTypeOf(guardMiddleware(guard)).toExtend<AgentMiddleware>();
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
