import { expect, it } from "vitest";
import { codeOf, model, setUp, spend, tool, WHY } from "../guard/test-fixture.ts";
import type { PriceBook } from "../ports/price-book.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";

const UNPRICED = { name: "gpt-next", provider: "openai.responses" };

it("a kill of a provider covers all its models, also those without a price", async () => {
  const { guard } = setUp();
  await guard.kill({ provider: "openai" }, WHY);
  expect(await codeOf(spend(guard, model(1, 1, UNPRICED)))).toBe("BR1001");
  const other = model(1, 1, { name: "m", provider: "openai-compatible.chat" });
  expect(await codeOf(spend(guard, other))).toBeUndefined();
  const twice = { name: "gemini-next", provider: "google.generative-ai.interactions" };
  await guard.kill({ provider: "google" }, WHY);
  expect(await codeOf(spend(guard, model(1, 1, twice)))).toBe("BR1001");
  const owner = { ...tool("search"), provider: "openai.chat" };
  expect(await codeOf(spend(guard, owner))).toBeUndefined();
});

it("budgets and limits of a provider cover its models under any endpoint's name", async () => {
  const match = { provider: "openai" };
  const budget = { id: "b", limit: { calls: 1 }, window: "day" } as const;
  const chat = model(1, 1, { name: "gpt-next", provider: "openai.chat" });
  const responses = model(1, 1, UNPRICED);
  for (const [options, code] of [
    [{ budgets: [{ ...budget, match }] }, "BR2001"],
    [{ budgets: [{ ...budget, per: "provider" }] }, "BR2001"],
    [{ limits: [{ rate: { calls: 1, per: "minute" }, match }] }, "BR4001"],
    [{ limits: ["1/minute per provider"] }, "BR4001"],
  ] as const) {
    const { guard } = setUp(options as never);
    await spend(guard, chat);
    expect(await codeOf(spend(guard, responses))).toBe(code);
  }
});

it("models without a price belong to the provider that the price book names", async () => {
  const prices: PriceBook = {
    ...providerPrices,
    canonicalProvider: (provider) => (provider === "google.vertex.chat" ? "openai" : provider),
  };
  const vertex = model(1, 1, { name: "gemini-next", provider: "google.vertex.chat" });
  const killed = setUp({ prices }).guard;
  await killed.kill({ provider: "openai" }, WHY);
  expect(await codeOf(spend(killed, vertex))).toBe("BR1001");
  const budget = { id: "b", limit: { calls: 1 }, window: "day", per: "provider" } as const;
  for (const [options, code] of [
    [{ budgets: [budget] }, "BR2001"],
    [{ limits: ["1/minute per provider"] }, "BR4001"],
  ] as const) {
    const { guard } = setUp({ prices, ...options } as never);
    await spend(guard, model(1, 1, { name: "gpt-5", provider: "openai.chat" }));
    expect(await codeOf(spend(guard, vertex))).toBe(code);
  }
});
