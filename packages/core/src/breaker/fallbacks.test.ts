import { describe, expect, it } from "vitest";
import { model, setUp, spend } from "../guard/test-fixture.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { down, failWith, opened, refusalOf, TTL } from "./test-guards.ts";

describe("a fallback of a breaker", () => {
  it("names the next model in the chain whose circuit lets calls pass", async () => {
    const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5", "openai/gpt-5": "anthropic/claude" };
    const { guard } = await opened({ breaker: { fallbacks } });
    expect(await refusalOf(guard)).toMatchObject({ fallback: "openai/gpt-5" });
    await guard.breaker.forceOpen("openai/*", TTL);
    expect(await refusalOf(guard)).toMatchObject({ fallback: "anthropic/claude" });
    await guard.breaker.forceOpen("*", TTL);
    expect(await refusalOf(guard)).toMatchObject({ fallback: undefined });
  });

  it("says so when a fallback is spelt in another way than the framework spells its provider", async () => {
    const { guard } = setUp({ breaker: { fallbacks: { "openai/own": "anthropic/claude" } } });
    const warnings: string[] = [];
    guard.on("warning", ({ message }) => warnings.push(message));
    const request = { kind: "model" as const, provider: "gateway", name: "own" };
    for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
    expect(await refusalOf(guard, request)).toMatchObject({ fallback: undefined });
    expect(warnings).toEqual([
      '"gateway/own" has no fallback, but "openai/own" has. If they are the same, write the key in breaker.fallbacks as guard.circuits() lists it.',
    ]);
  });

  it.each(["xai/own", "x-ai/own", "xai.chat/own"])(
    "finds a fallback written as %s",
    async (key) => {
      const prices = { ...providerPrices, canonicalProvider: () => "x-ai" };
      const { guard } = setUp({ prices, breaker: { fallbacks: { [key]: "anthropic/claude" } } });
      const request = { kind: "model" as const, provider: "xai.chat", name: "own" };
      for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
      expect(await refusalOf(guard, request)).toMatchObject({ fallback: "anthropic/claude" });
    },
  );

  it("finds a fallback by the canonical name, however the framework spells its provider", async () => {
    const { guard } = setUp({ breaker: { fallbacks: { "openai/gpt-5": "anthropic/claude" } } });
    const request = { kind: "model" as const, provider: "openai.responses", name: "gpt-5" };
    for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
    expect(await refusalOf(guard, request)).toMatchObject({ fallback: "anthropic/claude" });
  });

  it("passes over a fallback that is down, however the framework spells its provider", async () => {
    const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5", "openai/gpt-5": "anthropic/claude" };
    const { guard } = setUp({ breaker: { fallbacks } });
    const mini = model(1, 1, { provider: "openai.chat" });
    for (let count = 0; count < 5; count++) await failWith(guard, down(), mini);
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "openai/gpt-5" });
    const big = model(1, 1, { provider: "openai.chat", name: "gpt-5" });
    for (let count = 0; count < 5; count++) await failWith(guard, down(), big);
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "anthropic/claude" });
    await spend(guard, model(1, 1, { provider: "openai.responses", name: "gpt-5" }));
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "openai/gpt-5" });
  });
});
