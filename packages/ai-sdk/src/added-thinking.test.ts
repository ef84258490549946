import { type AnthropicLanguageModelOptions, createAnthropic } from "@ai-sdk/anthropic";
import { createGuard, type GuardOptions } from "@burnrate/core";
import { generateText, wrapLanguageModel } from "ai";
import { describe, expect, test } from "vitest";
import { addedThinking } from "./added-thinking.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";

const ANSWER = {
  type: "message",
  id: "1",
  model: "claude-sonnet-4-5",
  role: "assistant",
  content: [{ type: "text", text: "hello" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 5, output_tokens: 7 },
};
const FIXED = { type: "enabled", budgetTokens: 10_000 } as const;

interface Sent {
  readonly hook?: string;
  readonly budget?: string;
  readonly reasoning?: NonNullable<Parameters<typeof generateText>[0]["reasoning"]>;
  readonly anthropic?: Pick<AnthropicLanguageModelOptions, "thinking" | "effort">;
}

/** What the SDK's own provider sends of a guarded call, and what is held for it then. */
async function send(
  thinking: AnthropicLanguageModelOptions["thinking"],
  maxOutputTokens?: number,
  { hook = "model", budget = "1000000 tokens/day", reasoning, anthropic = {} }: Sent = {},
) {
  const options: GuardOptions = { budgets: [budget] };
  const [guard, inner] = [createGuard(options), createGuard(options)];
  let sent = Number.NaN;
  let held = Number.NaN;
  const claude = createAnthropic({
    apiKey: "key",
    fetch: async (_url, init) => {
      sent = JSON.parse(String(init?.body)).max_tokens;
      held = (await guard.budgets())[0]?.held ?? Number.NaN;
      return Response.json(ANSWER);
    },
  })("claude-sonnet-4-5");
  const wrapped =
    hook === "model"
      ? guardModel(claude, guard)
      : wrapLanguageModel({
          model: hook === "stacked" ? guardModel(claude, inner) : claude,
          middleware: guardMiddleware(guard),
        });
  const error = await generateText({
    model: wrapped,
    prompt: "hi",
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(reasoning !== undefined && { reasoning }),
    providerOptions: { anthropic: { ...(thinking && { thinking }), ...anthropic } },
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { sent, held, error };
}

describe("fixed thinking, which the provider adds to the limit that it is given", () => {
  test.each(["model", "middleware", "stacked"])("is reserved for (%s)", async (hook) => {
    const { sent, held, error } = await send(FIXED, 2_000, { hook });
    expect([error, sent]).toEqual([undefined, 12_000]);
    expect(held).toBeGreaterThan(12_000);
    expect(held).toBeLessThan(12_200);
  });

  test.each(["model", "middleware", "stacked"])(
    "is added to the limit that a guard chooses, and held (%s)",
    async (hook) => {
      const { sent, held } = await send(FIXED, undefined, { hook });
      expect(sent).toBe(26_384);
      expect(held).toBeGreaterThan(26_384);
    },
  );

  test("is within what a budget affords", async () => {
    const { sent, held } = await send(FIXED, undefined, { budget: "12000 tokens/day" });
    expect(sent).toBeGreaterThan(11_000);
    expect(sent).toBeLessThan(12_000);
    expect(held).toBeLessThanOrEqual(12_000);
  });

  test("is refused where a budget does not afford it", async () => {
    const { sent, error } = await send(FIXED, undefined, { budget: "10200 tokens/day" });
    expect(error).toMatchObject({ code: "BR2001" });
    expect(sent).toBeNaN();
  });

  test("has the provider's default where nothing is said", async () => {
    const { sent, held } = await send({ type: "enabled" }, 2_000);
    expect(sent).toBe(3_024);
    expect(held).toBeGreaterThan(3_024);
  });

  test("is another thing than adaptive thinking, which is inside of the limit", async () => {
    const { sent, held } = await send({ type: "adaptive" }, 2_000);
    expect(sent).toBe(2_000);
    expect(held).toBeLessThan(2_200);
  });
});

const CLAUDE = { provider: "anthropic.messages", modelId: "claude-sonnet-4-5" };
const BEDROCK = {
  provider: "amazon-bedrock",
  modelId: "us.anthropic.claude-opus-4-1-20250805-v1:0",
};

test.each([
  [{ bedrock: { reasoningConfig: { type: "enabled", budgetTokens: 4_000 } } }, 4_000],
  [{ bedrock: { reasoningConfig: { type: "enabled" } } }, 0],
  [{ "my-claude": { thinking: { type: "enabled", budgetTokens: 1_500.5 } } }, 1_501],
  [{ anthropic: { thinking: { type: "disabled" } }, openai: { reasoningEffort: "high" } }, 0],
  [{ anthropic: { thinking: { type: "enabled", budgetTokens: Number.NaN } } }, 0],
  [{ google: { thinkingConfig: { thinkingBudget: 2_000 } } }, 0],
  [{ anthropic: null }, 0],
  [undefined, 0],
])("of %o as much is added: %i", (providerOptions, added) => {
  expect(addedThinking(CLAUDE, { providerOptions })).toBe(added);
});

describe("what becomes of `reasoning`", () => {
  test.each(["minimal", "low", "medium", "high", "xhigh", "none", "provider-default"] as const)(
    "is held as the provider sends it: %s",
    async (reasoning) => {
      const { sent, held, error } = await send(undefined, 2_000, { reasoning });
      expect(error).toBeUndefined();
      expect(held).toBeGreaterThan(sent);
      expect(held).toBeLessThan(sent + 200);
    },
  );

  test("leaves room for the answer where the guard chooses the limit", async () => {
    const { sent, held } = await send(undefined, undefined, { reasoning: "low" });
    expect(sent).toBe(16_384 + 6_400);
    expect(held).toBeGreaterThan(sent);
  });

  test.each([
    [{ thinking: { type: "adaptive" } }],
    [{ thinking: { type: "disabled" } }],
    [{ thinking: FIXED }],
    [{ effort: "medium" }],
  ] as const)("is nothing beside %o, which the provider takes instead", async (anthropic) => {
    const { sent, held } = await send(undefined, 2_000, { reasoning: "high", anthropic });
    expect(held).toBeGreaterThan(sent);
    expect(held).toBeLessThan(sent + 200);
  });

  test.each([
    ["claude-3-7-sonnet-20250219", 1_229],
    ["claude-sonnet-4-20250514", 19_200],
    ["claude-opus-4@20250514", 9_600],
    ["claude-opus-4-5", 19_200],
    ["anthropic/claude-haiku-4.5", 19_200],
    ["claude-sonnet-4-6", 0],
    ["anthropic/claude-opus-4.7", 0],
    ["claude-opus-4-10", 0],
    ["claude-opus-5", 0],
    ["claude-next", 0],
    ["somebody-else", 1_229],
  ])("depends on the model: %s", (modelId, added) => {
    expect(addedThinking({ ...CLAUDE, modelId }, { reasoning: "medium" })).toBe(added);
  });

  test.each([
    [{ bedrock: { reasoningConfig: { type: "enabled", budgetTokens: 4_000 } } }, 4_000],
    [{ amazonBedrock: { reasoningConfig: { type: "adaptive" } } }, 0],
    [{ bedrock: { reasoningConfig: { type: "enabled" } } }, 19_200],
    [{ bedrock: { reasoningConfig: { maxReasoningEffort: "low" } } }, 19_200],
    [{ bedrock: { reasoningConfig: { budgetTokens: 30_000 } } }, 30_000],
    [{ bedrock: { reasoningConfig: { budgetTokens: 2_000 } } }, 2_000],
    [{ anthropic: { thinking: { type: "adaptive" } } }, 19_200],
  ])("on Bedrock beside %o: %i", (providerOptions, added) => {
    expect(addedThinking(BEDROCK, { providerOptions, reasoning: "high" })).toBe(added);
  });

  test("is what the provider's own name says, on Vertex the older one, too", () => {
    const model = { ...CLAUDE, provider: "googleVertex.anthropic.messages" };
    const providerOptions = { vertex: { thinking: { type: "adaptive" } } };
    expect(addedThinking(model, { providerOptions, reasoning: "high" })).toBe(0);
    expect(addedThinking(CLAUDE, { providerOptions, reasoning: "high" })).toBe(38_400);
  });

  test("is nothing for models of others", () => {
    const model = { provider: "openai.responses", modelId: "gpt-5" };
    expect(addedThinking(model, { reasoning: "high" })).toBe(0);
  });
});
