import { isGuardError } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, HumanMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import fc from "fast-check";
import { createAgent, createMiddleware } from "langchain";
import { beforeAll, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { drain, money, quiet, watchedGuard } from "./test-fixture.ts";

beforeAll(quiet);

/** Longer than any reservation lives. */
const SWEPT_MS = 1_400_000;

/** One part of an answer, however wrong. */
interface Part {
  readonly text: string;
  readonly content: unknown;
  readonly toolCallChunks: unknown;
  readonly usage: unknown;
}

/** A model that answers whatever it is told to. */
class AnyModel extends BaseChatModel {
  readonly model = "gpt-5-mini";
  readonly parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    super({});
    this.parts = parts;
  }

  override _llmType(): string {
    return "any";
  }

  override bindTools(): this {
    return this;
  }

  override invocationParams(): { model: string } {
    return { model: this.model };
  }

  override async _generate(): Promise<ChatResult> {
    const generations = this.parts.map((part) => {
      const message = Object.assign(new AIMessage(part.text), fieldsOf(part));
      return { text: part.text, message };
    });
    return { generations };
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    for (const part of this.parts) {
      const message = Object.assign(new AIMessageChunk(part.text), fieldsOf(part), {
        tool_call_chunks: part.toolCallChunks,
      });
      yield new ChatGenerationChunk({ text: part.text, message: message as AIMessageChunk });
    }
  }
}

function fieldsOf({ content, usage }: Part): object {
  return { ...(content === undefined ? {} : { content }), usage_metadata: usage };
}

const count = fc.oneof(
  fc.nat(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(undefined, null, "12", Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY),
);
const details = fc.option(
  fc.record({ cache_read: count, cache_creation: count, audio: count, reasoning: count }),
);
const usage = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 4,
    arbitrary: fc.record({
      input_tokens: count,
      output_tokens: count,
      total_tokens: count,
      input_token_details: details,
      output_token_details: details,
    }),
  },
  { weight: 1, arbitrary: fc.anything() },
);
const rarely = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
const parts = fc.array(
  fc.record({
    text: fc.string(),
    content: rarely<unknown>(fc.anything(), undefined),
    toolCallChunks: rarely<unknown>(fc.anything(), []),
    usage,
  }),
  { maxLength: 4 },
);
const block = fc.oneof(
  fc.record({ type: fc.constantFrom("text", "image_url", "file"), text: fc.anything() }),
  fc.anything(),
);
const inputs = fc.oneof(fc.string(), fc.array(block, { maxLength: 3 }));

/** How an application uses a model: with what, and through which of LangChain's doors. */
interface Use {
  readonly model: BaseChatModel;
  readonly message: HumanMessage;
  readonly streams: boolean;
  readonly callbacks: ReturnType<typeof guardCallback>[];
}

async function useModel({ model, message, streams, callbacks }: Use): Promise<unknown> {
  if (streams) return drain(await model.stream([message], { callbacks }));
  return (await model.invoke([message], { callbacks })).content;
}

const useAgent =
  (middleware: ReturnType<typeof guardMiddleware>[]) =>
  async ({ model, message, streams }: Use): Promise<unknown> => {
    const agent = createAgent({ model, tools: [], middleware });
    const input = { messages: [message] };
    if (!streams) return (await agent.invoke(input)).messages.at(-1)?.content;
    await drain(await agent.stream(input, { streamMode: "values" }));
    return "streamed";
  };

/** LangChain checks what any middleware answers, and names it. */
const passing = createMiddleware({
  name: "BurnrateGuard",
  wrapModelCall: (request, handler) => handler(request),
});

type Guarded = (guard: ReturnType<typeof watchedGuard>["guard"], use: Use) => Promise<unknown>;
const hooks: Readonly<Record<string, readonly [(use: Use) => Promise<unknown>, Guarded]>> = {
  guardModel: [useModel, (guard, use) => useModel({ ...use, model: guardModel(use.model, guard) })],
  guardCallback: [
    useModel,
    (guard, use) => useModel({ ...use, callbacks: [guardCallback(guard)] }),
  ],
  guardMiddleware: [
    useAgent([passing as never]),
    (guard, use) => useAgent([guardMiddleware(guard)])(use),
  ],
};

test.each(Object.entries(hooks))(
  "%s: 1,000 messages, usages and chunks bring only what LangChain itself would give",
  async (hook, [bare, guarded]) => {
    let admitted = 0;
    await fc.assert(
      fc.asyncProperty(parts, inputs, fc.boolean(), async (answer, content, streams) => {
        const use = (): Use => ({
          model: new AnyModel(answer.map(copied)),
          message: new HumanMessage({ content: copied(content) as string }),
          streams,
          callbacks: [],
        });
        const clock = createFakeClock();
        const { guard, records } = watchedGuard({ clock });
        const expected = await outcomeOf(() => bare(use()));
        const outcome = await outcomeOf(() => guarded(guard, use()));
        if (!outcome.startsWith("refused")) expect(outcome).toBe(expected);
        // LangChain tells callbacks nothing when it stumbles over a stream's usage itself.
        if (hook === "guardCallback") clock.advance(SWEPT_MS);
        const { held, spent } = await money(guard);
        expect(held).toBe(0);
        expect(spent).toBeGreaterThanOrEqual(0);
        admitted += records.length;
        await guard.close();
      }),
      { numRuns: 1_000 },
    );
    expect(admitted).toBeGreaterThan(900);
  },
  120_000,
);

test("1,000 start and end events: a callback throws nothing but refusals", async () => {
  const { guard } = watchedGuard({ budgets: [] });
  const callback = guardCallback(guard);
  const anything = fc.array(fc.anything(), { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.uuid(), anything, async (id, any) => {
      const [a, b, c, d, e, f, g, h] = any;
      const result = await outcomeOf(async () => {
        await callback.handleChainStart(a, b, `${id}-chain`, c, d, e, f, g);
        await callback.handleChatModelStart(a, b, id, `${id}-chain`, c, d, e, f);
        await callback.handleLLMNewToken(g, h, id);
        await callback.handleLLMEnd(g, id, a, b, c);
        await callback.handleLLMError(h, id);
        await callback.handleToolStart(a, "input", `${id}-tool`, b, d, e, f, g);
        await callback.handleToolEnd(h, `${id}-tool`);
        await callback.handleToolError(h, `${id}-tool`);
        await callback.handleChainEnd(h, `${id}-chain`);
        await callback.handleChainError(h, `${id}-chain`);
      });
      expect(result).toMatch(/^(answer|refused)/);
    }),
    { numRuns: 1_000 },
  );
  expect(guard.metrics().calls.inFlight).toBe(0);
});

/** What a call does: its answer or what it throws. */
async function outcomeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    return `answer ${said(await run())}`;
  } catch (error) {
    return isGuardError(error) ? `refused ${error.code}` : `error ${said(error)}`;
  }
}

function said(value: unknown): string {
  try {
    return value instanceof Error ? String(value) : String(JSON.stringify(value));
  } catch {
    return "something without words";
  }
}

function copied<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
