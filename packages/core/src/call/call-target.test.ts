import { expect, it } from "vitest";
import { model, RATES, settled, setUp, spend } from "../guard/test-fixture.ts";
import type { PriceBook } from "../ports/price-book.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";

const RISE_MS = Date.UTC(2026, 7, 17);

/** Three times as dear from a day on. */
const prices: PriceBook = {
  ...providerPrices,
  resolve: (provider, name, atMs) => {
    const card = providerPrices.resolve(provider, name, atMs);
    if (card === undefined) return undefined;
    if (atMs < RISE_MS) return { ...card, validUntilMs: RISE_MS };
    return { ...card, cost: () => 3 * RATES.input };
  },
};

it("costs what it costs when it is sent, however long somebody thought about it", async () => {
  const approval = Promise.withResolvers<{ readonly outcome: string }>();
  const policy = { decide: () => approval.promise };
  const { guard, clock } = setUp({ prices, policy, budgets: ["$1"] }, RISE_MS - 3_600_000);
  const waiting = spend(guard, model(1, 0));
  await settled();
  clock.advance(7_200_000);
  approval.resolve({ outcome: "allow" });
  expect((await waiting).costNanoUsd).toBe(3 * RATES.input);
});

it("costs what it cost on the day, also once a clock that was ahead is set right", async () => {
  const { guard, clock } = setUp({ prices, budgets: ["$1"] }, RISE_MS);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(3 * RATES.input);
  clock.setWall(RISE_MS - 60_000);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(RATES.input);
  clock.advance(60_000);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(3 * RATES.input);
});
