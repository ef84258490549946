import { findGuardError, type Guard } from "@burnrate/core";
import { adapterContract, type FakeProvider, type ModelDriver } from "@burnrate/core/testing";
import { RunnableLambda } from "@langchain/core/runnables";
import type { ChatOpenAI } from "@langchain/openai";
import { AIMessage, createAgent, createMiddleware, ToolMessage, tool } from "langchain";
import { beforeAll, describe, test } from "vitest";
import { z } from "zod";
import type { GuardCallback } from "./callback-handler.ts";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, quiet } from "./test-fixture.ts";

beforeAll(quiet);

type Call = Parameters<ModelDriver["generate"]>[0];

interface Setup {
  readonly provider: FakeProvider;
  readonly guard: Guard;
}

/** A fresh model a call, since `ChatOpenAI` takes its output limit when it is made. */
const modelFor = (provider: FakeProvider, { maxOutputTokens }: Call): ChatOpenAI =>
  chat(provider, maxOutputTokens === undefined ? {} : { maxTokens: maxOutputTokens });

const configOf = ({ signal }: Call, callbacks: readonly GuardCallback[]) => ({
  callbacks: [...callbacks],
  ...(signal && { signal }),
});

/** A model by itself. */
function driveModel(
  { provider }: Setup,
  wrap: (model: ChatOpenAI) => ChatOpenAI,
  callbacks: readonly GuardCallback[],
): ModelDriver {
  return {
    generate: async (call) =>
      await wrap(modelFor(provider, call)).invoke(call.prompt, configOf(call, callbacks)),
    async *stream(call) {
      const model = wrap(modelFor(provider, call));
      const chunks = await model.stream(call.prompt, configOf(call, callbacks));
      for await (const chunk of chunks) yield chunk.text;
    },
  };
}

/** A model in an agent. */
function driveAgent(
  { provider, guard }: Setup,
  wrap: (model: ChatOpenAI) => ChatOpenAI,
  callbacks: readonly GuardCallback[],
): ModelDriver {
  const agentFor = (call: Call) =>
    createAgent({
      model: wrap(modelFor(provider, call)),
      tools: [],
      middleware: [guardMiddleware(guard)],
    });
  const inputOf = ({ prompt }: Call) => ({
    messages: [{ role: "user" as const, content: prompt }],
  });
  return {
    async generate(call) {
      const { messages } = await agentFor(call).invoke(inputOf(call), configOf(call, callbacks));
      return { text: messages.at(-1)?.text ?? "" };
    },
    async *stream(call) {
      const config = { streamMode: "messages" as const, ...configOf(call, callbacks) };
      for await (const [chunk] of await agentFor(call).stream(inputOf(call), config)) {
        yield chunk.text;
      }
    },
  };
}

const same = (model: ChatOpenAI): ChatOpenAI => model;

describe("guardModel", () => {
  adapterContract({
    test,
    kind: "model",
    create: (setup) => driveModel(setup, (model) => guardModel(model, setup.guard), []),
  });
});

describe("guardCallback", () => {
  adapterContract({
    test,
    kind: "model",
    create: (setup) => driveModel(setup, same, [guardCallback(setup.guard)]),
    limitsOutput: false,
    abortsCalls: false, // only a stream, at its next token
  });
});

describe("guardMiddleware", () => {
  adapterContract({ test, kind: "model", create: (setup) => driveAgent(setup, same, []) });
});

describe("guardCallback over guardMiddleware over guardModel", () => {
  adapterContract({
    test,
    kind: "model",
    create: (setup) =>
      driveAgent(setup, (model) => guardModel(model, setup.guard), [guardCallback(setup.guard)]),
  });
});

const schema = z.object({ text: z.string() });

describe("guardCallback on a tool", () => {
  adapterContract({
    test,
    kind: "tool",
    create: ({ guard, execute }) => {
      const echo = tool(execute, { name: "echo", description: "Says it again", schema });
      // In a chain, since a bare `tool()` that is called with an aborted signal never ends.
      const chain = RunnableLambda.from((args: { readonly text: string }) => echo.invoke(args));
      return {
        call: (args, { signal } = {}) =>
          chain.invoke(args, { callbacks: [guardCallback(guard)], ...(signal && { signal }) }),
      };
    },
  });
});

describe("guardMiddleware on a tool", () => {
  adapterContract({
    test,
    kind: "tool",
    create: ({ guard, execute }) => ({
      async call(args, { signal } = {}) {
        const agent = createAgent({
          model: "openai:none",
          tools: [tool(execute, { name: "echo", description: "Says it again", schema })],
          middleware: [askFor(args), guardMiddleware(guard)],
        });
        const { messages } = await agent.invoke({ messages: [] }, { ...(signal && { signal }) });
        const message = messages.find((entry) => ToolMessage.isInstance(entry));
        return findGuardError(message?.artifact) ?? message;
      },
    }),
  });
});

/** Answers in the model's place: asks for the tool once, so that its call is the only one. */
function askFor(args: { readonly text: string }) {
  return createMiddleware({
    name: "AskForTool",
    wrapModelCall: ({ messages }) =>
      messages.length > 0
        ? new AIMessage("done")
        : new AIMessage({ content: "", tool_calls: [{ id: "call-1", name: "echo", args }] }),
  });
}
