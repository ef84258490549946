import { isGuardError } from "@burnrate/core";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { drain, money, watchedGuard } from "./test-fixture.ts";

/** A model that answers whatever it is told to, however wrong. */
class AnyModel extends BaseChatModel {
  readonly model = "gpt-5-mini";
  readonly #usage: unknown;
  readonly #texts: readonly string[];

  constructor(usage: unknown, texts: readonly string[]) {
    super({});
    this.#usage = usage;
    this.#texts = texts;
  }

  override _llmType(): string {
    return "any";
  }

  override async _generate(): Promise<ChatResult> {
    const message = new AIMessage(this.#texts.join(""));
    message.usage_metadata = this.#usage as never;
    return { generations: [{ text: message.text, message }] };
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    for (const text of this.#texts) {
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
    }
    const last = new AIMessageChunk("");
    last.usage_metadata = this.#usage as never;
    yield new ChatGenerationChunk({ text: "", message: last });
  }
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
const usages = fc.oneof(
  fc.record({
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_token_details: details,
    output_token_details: details,
  }),
  fc.anything(),
);
const texts = fc.array(fc.string(), { maxLength: 4 });

/** What a call does: its answer or what it throws, without our hooks and with them. */
async function outcomeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    return `answer ${JSON.stringify(await run())}`;
  } catch (error) {
    return isGuardError(error) ? `refused ${error.code}` : `error ${String(error)}`;
  }
}

test("1,000 usages and answers: only what LangChain itself would give, and money never flows back", async () => {
  await fc.assert(
    fc.asyncProperty(usages, texts, fc.boolean(), async (usage, answer, streams) => {
      const make = () => new AnyModel(structuredCloneOrSame(usage), answer);
      const use = async (model: AnyModel, callbacks: ReturnType<typeof guardCallback>[]) =>
        streams
          ? drain(await model.stream("hi", { callbacks }))
          : (await model.invoke("hi", { callbacks })).text;
      const bare = await outcomeOf(() => use(make(), []));
      for (const hook of ["model", "callback"] as const) {
        const { guard } = watchedGuard();
        const before = (await money(guard)).spent;
        const guarded = await outcomeOf(() =>
          hook === "model"
            ? use(guardModel(make(), guard), [])
            : use(make(), [guardCallback(guard)]),
        );
        if (!guarded.startsWith("refused")) expect(guarded).toBe(bare);
        const after = await money(guard);
        expect(after.spent).toBeGreaterThanOrEqual(before);
        expect(after.held).toBe(0);
        await guard.close();
      }
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

test("1,000 start and end events: a callback throws nothing but refusals", async () => {
  const { guard } = watchedGuard({ budgets: [] });
  const callback = guardCallback(guard);
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      fc.array(fc.anything(), { minLength: 8, maxLength: 8 }),
      async (id, any) => {
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
      },
    ),
    { numRuns: 1_000 },
  );
}, 60_000);

function structuredCloneOrSame(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
