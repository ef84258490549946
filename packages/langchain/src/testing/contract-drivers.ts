import { findGuardError, type Guard } from "@burnrate/core";
import type { FakeProvider, ModelDriver, ToolDriver } from "@burnrate/core/testing";
import type { ChatOpenAI } from "@langchain/openai";
import type { GuardCallback } from "../callback-handler.ts";
import { guardMiddleware } from "../guard-middleware.ts";
import type { LangChainCopy } from "./langchain-copy.ts";

type Call = Parameters<ModelDriver["generate"]>[0];
type WithAgents = Required<LangChainCopy>;

/** What the contract gives a hook's driver, and how that guards a model. */
export interface Setup {
  readonly provider: FakeProvider;
  readonly guard: Guard;
  readonly wrap?: (model: ChatOpenAI) => ChatOpenAI;
  readonly callbacks?: readonly GuardCallback[];
}

/** A fresh model a call, since `ChatOpenAI` takes its output limit when it is made. */
function modelFor({ ChatOpenAI }: LangChainCopy, setup: Setup, call: Call): ChatOpenAI {
  const model = new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: setup.provider.url },
    maxRetries: 0,
    ...(call.maxOutputTokens === undefined ? {} : { maxTokens: call.maxOutputTokens }),
  });
  return setup.wrap === undefined ? model : setup.wrap(model);
}

const configOf = ({ signal }: Call, { callbacks = [] }: Setup) => ({
  callbacks: [...callbacks],
  ...(signal && { signal }),
});

/** A model by itself. */
export function driveModel(copy: LangChainCopy, setup: Setup): ModelDriver {
  return {
    async generate(call) {
      const model = modelFor(copy, setup, call);
      const { content } = await model.invoke(call.prompt, configOf(call, setup));
      return { text: String(content) };
    },
    async *stream(call) {
      const model = modelFor(copy, setup, call);
      const chunks = await model.stream(call.prompt, configOf(call, setup));
      for await (const { content } of chunks) yield String(content);
    },
  };
}

/** A model in an agent with the middleware. */
export function driveAgent(copy: WithAgents, setup: Setup): ModelDriver {
  const agentFor = (call: Call) =>
    copy.createAgent({
      model: modelFor(copy, setup, call),
      tools: [],
      middleware: [guardMiddleware(setup.guard)],
    });
  return driveRuns(agentFor, setup);
}

/** A model in LangGraph's prebuilt agent. */
export function driveGraph(copy: LangChainCopy, setup: Setup): ModelDriver {
  const agentFor = (call: Call) =>
    copy.createReactAgent({ llm: modelFor(copy, setup, call), tools: [] });
  return driveRuns(agentFor as never, setup);
}

function driveRuns(
  agentFor: (call: Call) => ReturnType<WithAgents["createAgent"]>,
  setup: Setup,
): ModelDriver {
  const inputOf = ({ prompt }: Call) => ({
    messages: [{ role: "user" as const, content: prompt }],
  });
  return {
    async generate(call) {
      const { messages } = await agentFor(call).invoke(inputOf(call), configOf(call, setup));
      return { text: String(messages.at(-1)?.content ?? "") };
    },
    async *stream(call) {
      const config = { streamMode: "messages" as const, ...configOf(call, setup) };
      for await (const [{ content }] of await agentFor(call).stream(inputOf(call), config)) {
        yield String(content);
      }
    },
  };
}

/** A tool that an agent with the middleware is asked to call. */
export function driveAgentTool(
  { AIMessage, createAgent, createMiddleware, ToolMessage }: WithAgents,
  guard: Guard,
  tool: Parameters<typeof createAgent>[0]["tools"],
): ToolDriver {
  // Answers in the model's place: asks for the tool once, so that its call is the only one.
  const askFor = (args: { readonly text: string }) =>
    createMiddleware({
      name: "AskForTool",
      wrapModelCall: ({ messages }) =>
        messages.length > 0
          ? new AIMessage("done")
          : new AIMessage({ content: "", tool_calls: [{ id: "call-1", name: "echo", args }] }),
    });
  return {
    async call(args, { signal } = {}) {
      const agent = createAgent({
        model: "openai:none",
        tools: tool ?? [],
        middleware: [askFor(args), guardMiddleware(guard)],
      });
      const { messages } = await agent.invoke({ messages: [] }, { ...(signal && { signal }) });
      const message = messages.find((entry) => ToolMessage.isInstance(entry));
      return findGuardError(message?.artifact) ?? message;
    },
  };
}
