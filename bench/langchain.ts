import {
  guardCallback,
  guardEmbeddings,
  guardMiddleware,
  guardModel,
  guardTool,
} from "@burnrate/langchain";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { Embeddings } from "@langchain/core/embeddings";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
} from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { DynamicTool } from "@langchain/core/tools";
import type { Guard } from "burnrate";
import { createMiddleware } from "langchain";
import { newFullGuard, newGuard } from "./guards.ts";
import {
  type BeyondEmpty,
  type Call,
  type Measured,
  measureBeyondEmpty,
  type Part,
} from "./measure.ts";

/** Long enough that a stream's beginning and end are a small part of it. */
const CHUNKS_A_STREAM = 2_000;

const CALLS_A_RUN = 10;

/** Most chunks only pass through; what comes once in a while counts as well. */
const PER_CHUNK: BeyondEmpty = { target: "≤ 0.3", of: "mean" };

const usage_metadata = { input_tokens: 10, output_tokens: 3, total_tokens: 13 };
const messages = [new HumanMessage("hi")];

type Callback = BaseCallbackHandler | ReturnType<typeof guardCallback>;

/** Answers at once, as the fake models of LangChain do, and says what it used. */
class InstantModel extends BaseChatModel {
  readonly model = "gpt-5";

  constructor() {
    super({});
  }

  override _llmType(): string {
    return "openai";
  }

  override invocationParams(): { model: string } {
    return { model: this.model };
  }

  override getLsParams(): { ls_provider: string; ls_model_name: string; ls_model_type: "chat" } {
    return { ls_provider: "openai", ls_model_name: this.model, ls_model_type: "chat" };
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(): Promise<ChatResult> {
    const message = Object.assign(new AIMessage("hello"), { usage_metadata });
    return { generations: [{ text: "hello", message }] };
  }

  override async *_streamResponseChunks(
    _messages: BaseMessage[],
    _options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for (let chunk = 0; chunk < CHUNKS_A_STREAM; chunk++) {
      const message = new AIMessageChunk({ content: "hello" });
      yield new ChatGenerationChunk({ text: "hello", message });
      await runManager?.handleLLMNewToken("hello");
    }
    const message = Object.assign(new AIMessageChunk(""), { usage_metadata });
    yield new ChatGenerationChunk({ text: "", message });
  }
}

/** The least that a callback can be whose errors reach the application. */
class EmptyHandler extends BaseCallbackHandler {
  override name = "empty";

  constructor() {
    super({ raiseError: true });
  }

  override async handleChatModelStart(): Promise<void> {}
  override async handleLLMNewToken(): Promise<void> {}
  override async handleLLMEnd(): Promise<void> {}
}

/** The least that a wrapper around a model can be: both ways to call it pass through it. */
function emptyWrapper(model: InstantModel): InstantModel {
  const generate = async () => await model._generate();
  async function* stream(...args: Parameters<InstantModel["_streamResponseChunks"]>) {
    yield* model._streamResponseChunks(...args);
  }
  return new Proxy(model, {
    get(target, key, receiver) {
      if (key === "_generate") return generate;
      return key === "_streamResponseChunks" ? stream : Reflect.get(target, key, receiver);
    },
  });
}

/** The hooks of a middleware, as an agent calls them around one model call. */
interface Hooks {
  beforeModel(state: unknown, runtime: object): Promise<unknown>;
  wrapModelCall(
    request: { model: InstantModel; messages: unknown; runtime: object },
    handler: (request: { model: InstantModel }) => Promise<unknown>,
  ): Promise<unknown>;
  afterAgent(state: unknown, runtime: object): Promise<unknown>;
}

/** The least that a middleware with our hooks can be. */
const emptyMiddleware = (): unknown =>
  createMiddleware({
    name: "Empty",
    beforeModel: async () => undefined,
    wrapModelCall: async (request, handler) => await handler(request),
    afterAgent: async () => undefined,
  });

/** One whole call of a model. */
function invokes(model: InstantModel, callbacks: Callback[] = []): Call {
  return () => model.invoke(messages, { callbacks });
}

/** The next chunk of a long stream, and of another one when that has ended. */
function readsNext(model: InstantModel, callbacks: Callback[] = []): Call {
  let stream: AsyncIterator<unknown> | undefined;
  return async () => {
    stream ??= (await model.stream(messages, { callbacks }))[Symbol.asyncIterator]();
    if ((await stream.next()).done === true) stream = undefined;
  };
}

/**
 * A model call in an agent's run of ten, as its middleware is called. The graph around it costs a
 * hundred times as much, and differs from run to run by more than what is measured.
 */
function callsInRuns(middleware: unknown): Call {
  const { beforeModel, wrapModelCall, afterAgent } = middleware as Hooks;
  const model = new InstantModel();
  const newRun = () => ({ writer: () => undefined }); // LangGraph makes one a run
  let runtime = newRun();
  let calls = 0;
  return async () => {
    await beforeModel({}, runtime);
    const request = { model, messages, runtime };
    await wrapModelCall(request, ({ model }) => model.invoke(messages));
    calls += 1;
    if (calls % CALLS_A_RUN !== 0) return;
    await afterAgent({}, runtime);
    runtime = newRun();
  };
}

type Use = (model: InstantModel, callbacks?: Callback[]) => Call;

function measureCallback(call: string, use: Use, options?: BeyondEmpty): Promise<Measured[]> {
  const model = new InstantModel();
  const contenders = {
    bare: use(model),
    empty: use(model, [new EmptyHandler()]),
    control: use(model, [new EmptyHandler()]),
    guarded: use(model, [guardCallback(newGuard())]),
  };
  return measureBeyondEmpty("guardCallback", call, contenders, options);
}

function measureModel(
  call: string,
  use: Use,
  options?: BeyondEmpty,
  guard: Guard = newGuard(),
  hook: string = "guardModel",
): Promise<Measured[]> {
  const model = new InstantModel();
  const contenders = {
    bare: use(model),
    empty: use(emptyWrapper(model)),
    control: use(emptyWrapper(model)),
    guarded: use(guardModel(model, guard)),
  };
  return measureBeyondEmpty(hook, call, contenders, options);
}

/** Embeds at once. */
class InstantEmbeddings extends Embeddings {
  readonly model = "text-embedding-3-small";

  constructor() {
    super({});
  }

  override async embedQuery(): Promise<number[]> {
    return [0.1, 0.2];
  }

  override async embedDocuments(texts: string[]): Promise<number[][]> {
    return texts.map(() => [0.1, 0.2]);
  }
}

/** The least that a wrapper can be: one method passes through it. */
function emptyMethod<T extends object>(target: T, name: keyof T & string): T {
  const method = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
  const through = async (...args: unknown[]): Promise<unknown> => await method(...args);
  return new Proxy(target, {
    get: (inner, key, receiver) => (key === name ? through : Reflect.get(inner, key, receiver)),
  });
}

function measureEmbeddings(): Promise<Measured[]> {
  const embeddings = new InstantEmbeddings();
  const uses = (used: Embeddings) => () => used.embedQuery("hi");
  return measureBeyondEmpty("guardEmbeddings", "embedQuery", {
    bare: uses(embeddings),
    empty: uses(emptyMethod(embeddings, "embedQuery")),
    control: uses(emptyMethod(embeddings, "embedQuery")),
    guarded: uses(guardEmbeddings(embeddings, newGuard(), { provider: "openai" })),
  });
}

/**
 * A tool of its own for each: LangChain's `invoke` finds `_call` on the object that it is called
 * on.
 */
function measureTool(): Promise<Measured[]> {
  const newTool = () =>
    new DynamicTool({ name: "ping", description: "", func: async () => "pong" });
  const uses = (used: DynamicTool) => () => used.invoke("hi");
  return measureBeyondEmpty("guardTool", "a tool's invoke", {
    bare: uses(newTool()),
    empty: uses(emptyMethod(newTool(), "_call")),
    control: uses(emptyMethod(newTool(), "_call")),
    guarded: uses(guardTool(newTool(), newGuard())),
  });
}

function measureMiddleware(): Promise<Measured[]> {
  const contenders = {
    bare: invokes(new InstantModel()),
    empty: callsInRuns(emptyMiddleware()),
    control: callsInRuns(emptyMiddleware()),
    guarded: callsInRuns(guardMiddleware(newGuard())),
  };
  return measureBeyondEmpty("guardMiddleware", "a model call of an agent", contenders);
}

const CHUNK = "a chunk of a stream";

/** A chat model that answers at once, so that the guard shows most. */
export const langChainParts: readonly Part[] = [
  () => measureCallback("invoke with callbacks", invokes),
  () => measureCallback(`${CHUNK} with callbacks`, readsNext, PER_CHUNK),
  () => measureModel("invoke", invokes),
  () => measureModel("invoke", invokes, {}, newFullGuard(), "guardModel, 5 limits and breaker,"),
  () => measureModel(CHUNK, readsNext, PER_CHUNK),
  measureEmbeddings,
  measureTool,
  measureMiddleware,
];
