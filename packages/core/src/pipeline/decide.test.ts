import { describe, expect, it } from "vitest";
import type { GuardOptions } from "../guard/options.ts";
import { model, settled, setUp, used, WHY } from "../guard/test-fixture.ts";
import type { PriceBook } from "../ports/price-book.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";

const MODELS = { other: { provider: "openai", name: "gpt-5-nano" } };
const CALL = model(0, 100, { models: MODELS });
const TTL_MS = 60_000;

/** A guard whose breaker knows a fallback. */
function withFallback(more: GuardOptions = {}) {
  const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5-nano" };
  return setUp({ budgets: ["100 calls/day"], breaker: { fallbacks }, ...more });
}

describe("a call whose circuit opens while it waits", () => {
  it("goes to the fallback though its limit has one place, which it had taken", async () => {
    let allow = (): void => {};
    const asked = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const decide = async () => {
      await asked;
      return { outcome: "allow" } as const;
    };
    const { guard } = withFallback({ limits: ["1 at once"], policy: { decide } });
    const begun = guard.begin(CALL);
    await guard.breaker.forceOpen("openai/gpt-5-mini", { ttlMs: TTL_MS, ...WHY });
    allow();
    const permit = await begun;
    expect(permit.substitute).toBe("other");
    await permit.release();
    await guard.close();
  });

  it("goes to the fallback in its turn under a kill of level throttle", async () => {
    const { guard } = withFallback();
    await guard.kill("everything", { level: "throttle", ...WHY });
    const running = await guard.begin(CALL);
    running.dispatched();
    let substitute: string | undefined;
    const waiting = guard.begin(CALL).then((permit) => {
      substitute = permit.substitute;
      return permit.release();
    });
    await guard.breaker.forceOpen("openai/gpt-5-mini", { ttlMs: TTL_MS, ...WHY });
    await running.settle(used(0, 100));
    await settled();
    expect(substitute).toBe("other");
    await waiting;
    await guard.close();
  });
});

describe("a fallback among several models of a hook", () => {
  it.each([
    ["openai/gpt-5-2025-08-07", "dated"],
    ["openai/gpt-5", "dated"],
    ["backup/own", "exact"],
    ["backup.chat/own", "chat"],
  ])("is, written as %s, the one that is spelt so, or else so for short: %s", async (to, key) => {
    const prices: PriceBook = {
      ...providerPrices,
      resolve: (provider, name, atMs) =>
        providerPrices.resolve(provider, name.replace("-2025-08-07", ""), atMs),
    };
    const breaker = { fallbacks: { "openai/gpt-5-mini": to } };
    const { guard } = setUp({ budgets: ["100 calls/day"], prices, breaker });
    await guard.breaker.forceOpen("openai/gpt-5-mini", { ttlMs: TTL_MS, ...WHY });
    const models = {
      dated: { provider: "openai.responses", name: "gpt-5-2025-08-07" },
      chat: { provider: "backup.chat", name: "own" },
      exact: { provider: "backup", name: "own" },
    };
    const permit = await guard.begin(model(0, 100, { models }));
    expect(permit.substitute).toBe(key);
    await permit.release();
    await guard.close();
  });
});

describe("a fallback that the price book does not know", () => {
  it.each(["backup/own", "backup.chat/own"])(
    "is the hook's model of that name, written as %s",
    async (fallback) => {
      const breaker = { fallbacks: { "openai/gpt-5-mini": fallback } };
      const { guard } = setUp({ budgets: ["100 calls/day"], breaker });
      await guard.breaker.forceOpen("openai/gpt-5-mini", { ttlMs: TTL_MS, ...WHY });
      const models = { spare: { provider: "backup.chat", name: "own" } };
      const permit = await guard.begin(model(0, 100, { models }));
      expect(permit.substitute).toBe("spare");
      await permit.release();
      await guard.close();
    },
  );
});
