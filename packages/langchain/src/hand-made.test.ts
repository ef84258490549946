import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { type Runnable, RunnableLambda } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import { drain, echo, killAll, quiet, thrownBy, watchedGuard } from "./test-fixture.ts";

quiet();

/** The least that LangChain takes for a chat model. */
class Minimal extends BaseChatModel {
  readonly model = "gpt-5-mini";
  metadata_: Record<string, unknown> = {};

  _llmType(): string {
    return "minimal";
  }

  async _generate(): Promise<ChatResult> {
    const message = new AIMessage({ content: "hi", response_metadata: this.metadata_ });
    return { generations: [{ text: "hi", message }] };
  }
}

class Streaming extends Minimal {
  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    yield new ChatGenerationChunk({ text: "hi", message: new AIMessageChunk("hi") });
    const last = new AIMessageChunk({ content: "", response_metadata: this.metadata_ });
    yield new ChatGenerationChunk({ text: "", message: last });
  }
}

function minimal(metadata: Record<string, unknown>, Made: typeof Minimal = Minimal): Minimal {
  const model = new Made({});
  model.metadata_ = metadata;
  return model;
}

describe("usage that a model made by hand leaves in response_metadata is charged", () => {
  const usages = [
    { tokenUsage: { promptTokens: 10, completionTokens: 5, totalTokens: 15 } },
    { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  ];
  for (const metadata of usages) {
    for (const Made of [Minimal, Streaming]) {
      test(`${Object.keys(metadata)} of ${Made.name}`, async () => {
        const { guard, records } = watchedGuard();
        await drain(await guardModel(minimal(metadata, Made), guard).stream("hello"));
        expect(records).toMatchObject([
          { usage: { inputTokens: 10, outputTokens: 5 }, usageSource: "provider" },
        ]);
        expect(records[0]?.costNanoUsd).toBe(10 * 250 + 5 * 2_000);
      });
    }
  }

  test("but not where cached input is counted beside it", async () => {
    const { guard, records } = watchedGuard();
    const usage = { input_tokens: 10, cache_read_input_tokens: 9_000, output_tokens: 5 };
    await guardModel(minimal({ usage }), guard).invoke("hello");
    expect(records[0]?.usageSource).toBe("estimated");
  });
});

describe("a model that would send a limit, as its parameters have it", () => {
  class Limited extends Minimal {
    maxTokens: number | undefined;
    sent: (number | undefined)[] = [];

    override invocationParams(): object {
      return { model: this.model, max_tokens: this.maxTokens };
    }

    override async _generate(): Promise<ChatResult> {
      this.sent.push(this.maxTokens);
      return super._generate();
    }
  }
  class FromField extends Limited {
    override _generate = async (): Promise<ChatResult> => {
      this.sent.push(this.maxTokens);
      return Minimal.prototype._generate.call(this);
    };
  }
  class Bound extends Limited {
    constructor() {
      super({});
      this._generate = this._generate.bind(this);
    }
  }

  test.each([
    ["a method", new Limited({}), "enforced"],
    ["an arrow function in a field", new FromField({}), "assumed"],
    ["a bound method", new Bound(), "assumed"],
  ])("from %s", async (_, model, bound) => {
    const { guard, records } = watchedGuard();
    await guardModel(model, guard).invoke("hello");
    expect(records).toMatchObject([{ bound }]);
    expect(model.sent).toEqual([bound === "enforced" ? expect.any(Number) : undefined]);
  });
});

test("a refused call is one refusal, however often the callback is given", async () => {
  const { guard, refused } = watchedGuard();
  await killAll(guard);
  const model = new Minimal({ callbacks: [guardCallback(guard)] });
  const callbacks = [guardCallback(guard), guardCallback(guard)];
  const error = await thrownBy(() => model.invoke("hello", { callbacks }));
  expect(error).toMatchObject({ code: "BR1001" });
  expect(refused).toHaveLength(1);
  await thrownBy(() => model.invoke("again", { callbacks }));
  expect(refused).toHaveLength(2);
});

test("what a guard could not see is not taken for a model", () => {
  const { guard } = watchedGuard();
  const model = new Minimal({});
  const chain = RunnableLambda.from((text: string) => text).pipe(model);
  for (const given of [undefined, "gpt-5", {}, chain, model.withFallbacks([model])]) {
    expect(() => guardModel(given as never, guard)).toThrow(/BR9001 model must be a model/);
  }
  expect(() => guardModel(model.withRetry() as never, guard)).not.toThrow();
});

test("every hook refuses what is no guard, and options that it does not know", () => {
  const { guard } = watchedGuard();
  const model = new Minimal({});
  const embeddings = { embedQuery: () => [], embedDocuments: () => [] };
  for (const no of [undefined, {}, model] as never[]) {
    expect(() => guardModel(model, no)).toThrow(/BR9001 guardModel needs the guard/);
    expect(() => guardCallback(no)).toThrow(/BR9001 guardCallback needs the guard/);
    expect(() => guardMiddleware(no)).toThrow(/BR9001 guardMiddleware needs the guard/);
    expect(() => guardTool(echo, no)).toThrow(/BR9001 guardTool needs the guard/);
    expect(() => guardEmbeddings(embeddings, no)).toThrow(/BR9001 guardEmbeddings needs/);
    expect(() => guardEverywhere(no)).toThrow(/BR9001 guardEverywhere needs the guard/);
  }
  const wrong = { provder: "openai", tool: false } as never;
  expect(() => guardModel(model, guard, wrong)).toThrow(/BR9001.*"provder".*"provider"/);
  expect(() => guardModel(model, guard, { provider: 5 } as never)).toThrow(/BR9001.*provider/);
  expect(() => guardModel(model, guard, null as never)).toThrow(/BR9001/);
  expect(() => guardCallback(guard, { tool: false } as never)).toThrow(/BR9001.*"tools"/);
  const text = { tools: "false" } as never;
  expect(() => guardCallback(guard, text)).toThrow(/BR9001 guardCallback\.tools must be/);
  expect(() => guardMiddleware(guard, text)).toThrow(/BR9001 guardMiddleware\.tools must be/);
  expect(() => guardEverywhere(guard, text)).toThrow(/BR9001 guardEverywhere\.tools must be/);
  expect(() => guardEmbeddings(embeddings, guard, { provider: "" })).toThrow(
    /BR9001 guardEmbeddings\.provider must be/,
  );
  expect(() => guardMiddleware(guard, { toolBlock: "mesage" } as never)).toThrow(/"message"/);
});

describe("a model with #private fields", () => {
  class Private extends BaseChatModel {
    readonly #key: string = "secret";
    maxTokens: number | undefined;

    _llmType(): string {
      return "private";
    }

    override invocationParams(): object {
      return { model: "gpt-5-mini", max_tokens: this.maxTokens, key: this.#key };
    }

    override bindTools(tools: object[]): Runnable<BaseLanguageModelInput, AIMessageChunk> {
      return this.withConfig({ key: this.#key, tools } as never);
    }

    async _generate(): Promise<ChatResult> {
      const usage_metadata = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
      const message = new AIMessage({ content: this.#key, usage_metadata } as never);
      return { generations: [{ text: this.#key, message }] };
    }
  }

  /** What a compiler makes of it for targets that know no private fields. */
  const keys = new WeakMap<object, string>();
  function __classPrivateFieldGet(from: object): string {
    if (!keys.has(from)) throw new TypeError("Cannot read private member");
    return keys.get(from) ?? "";
  }
  class Compiled extends Private {
    constructor(fields: object) {
      super(fields);
      keys.set(this, "secret");
    }

    override async _generate(): Promise<ChatResult> {
      __classPrivateFieldGet(this);
      return super._generate();
    }
  }

  for (const Made of [Private, Compiled]) {
    test(`works, and its reserve is assumed: ${Made.name}`, async () => {
      const { guard, records } = watchedGuard();
      const model = guardModel(new Made({}), guard);
      expect((await model.invoke("hello")).content).toBe("secret");
      expect((await model.bindTools([]).invoke("hello")).content).toBe("secret");
      expect(records).toHaveLength(2);
      for (const { bound, outcome } of records) {
        expect({ bound, outcome }).toEqual({ bound: "assumed", outcome: "success" });
      }
    });
  }
});
