import { expect, it } from "vitest";
import { model, RATES, setUp, spend } from "../guard/test-fixture.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";

const RISE_MS = Date.UTC(2026, 7, 17);

it("costs what it cost on the day, also once a clock that was ahead is set right", async () => {
  const prices = {
    ...providerPrices,
    resolve: (provider: string, name: string, atMs: number) => {
      const card = providerPrices.resolve(provider, name, atMs);
      if (card === undefined) return undefined;
      if (atMs < RISE_MS) return { ...card, validUntilMs: RISE_MS };
      return { ...card, cost: () => 3 * RATES.input };
    },
  };
  const { guard, clock } = setUp({ prices, budgets: ["$1"] }, RISE_MS);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(3 * RATES.input);
  clock.setWall(RISE_MS - 60_000);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(RATES.input);
  clock.advance(60_000);
  expect((await spend(guard, model(1, 0))).costNanoUsd).toBe(3 * RATES.input);
});
