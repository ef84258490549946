import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { MemorySaver } from "@langchain/langgraph";
import { type AgentMiddleware, createAgent, modelCallLimitMiddleware } from "langchain";
import type { Limited, Peer, Setup } from "./peer.ts";
import { type FakeCall, type FakeProvider, INSTANT, readAll } from "./provider.ts";

const CENT = 0.01;
const THREAD = { configurable: { thread_id: "team" } };

/** Its own declaration needs a Zod 3 of the application's to say what it takes. */
const callLimit = modelCallLimitMiddleware as unknown as (options: {
  readonly threadLimit: number;
  readonly exitBehavior?: "error";
}) => AgentMiddleware;

/** LangChain's way to the fake provider: the message says what the call uses. */
class ProviderModel extends BaseChatModel {
  readonly #provider: FakeProvider;

  constructor(provider: FakeProvider) {
    super({ maxRetries: 0 });
    this.#provider = provider;
  }

  override _llmType(): string {
    return "fake";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): Promise<ChatResult> {
    const { call, streams } = JSON.parse(String(messages.at(-1)?.content)) as Order;
    const signal = options.signal ?? new AbortController().signal;
    if (streams) await readAll(this.#provider.stream(call, signal));
    else await this.#provider.complete(call);
    return { generations: [{ text: "hello", message: new AIMessage("hello") }] };
  }
}

/** What a message asks of the model. */
interface Order {
  readonly call: FakeCall;
  readonly streams: boolean;
}

function messageFor(call: FakeCall, streams: boolean): { messages: HumanMessage[] } {
  return { messages: [new HumanMessage(JSON.stringify({ call, streams } satisfies Order))] };
}

/** An agent without tools; its thread may make as many calls as the money pays for, a cent each. */
function limit({ provider, limitUsd }: Setup): Limited {
  const most = Math.round(limitUsd / CENT);
  const agent = createAgent({
    model: new ProviderModel(provider),
    tools: [],
    middleware: [callLimit({ threadLimit: most, exitBehavior: "error" })],
    checkpointer: new MemorySaver(),
  });
  const call = async (asked: FakeCall): Promise<boolean> => {
    try {
      await agent.invoke(messageFor(asked, false), THREAD);
      return true;
    } catch (error) {
      if (String(error).includes("Model call limits exceeded")) return false;
      throw error;
    }
  };
  return {
    call,
    async stream(asked, signal) {
      await agent.invoke(messageFor(asked, true), { ...THREAD, signal });
    },
    async afterAbort() {
      let left = 0;
      while (await call({ bound: 0, used: 0, thinksMs: 0 })) left += 1;
      return { counts: "other", says: `counted as ${most - left} of ${most} calls` };
    },
  };
}

/** The hooks of the middleware, as an agent calls them around one model call. */
interface Hooks {
  readonly beforeModel: { hook(state: object, runtime: object): unknown };
  readonly afterModel: (state: object) => object;
}

/**
 * A model call between the middleware's hooks: the graph around them costs a hundred times as much,
 * and is there without the middleware, too.
 */
function hooksAround({ provider, limitUsd }: Setup): { readonly call: () => Promise<unknown> } {
  const middleware = callLimit({ threadLimit: Math.round(limitUsd / CENT) });
  const { beforeModel, afterModel } = middleware as unknown as Hooks;
  const runtime = { context: {} };
  let state: object = { threadModelCallCount: 0, runModelCallCount: 0 };
  return {
    async call() {
      await beforeModel.hook(state, runtime);
      const reply = await provider.complete(INSTANT);
      state = await afterModel(state);
      return reply;
    },
  };
}

export const langchainLimit: Peer = {
  name: "langchain, `modelCallLimitMiddleware`",
  package: "langchain",
  lacks: { beside: "counts calls, whatever they cost" },
  mostAtOnce: 2_000, // its saver sorts all that the thread has saved, each time
  limit,
  fastest: hooksAround,
};
