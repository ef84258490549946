import { describe, expect, it } from "vitest";
import type { CallEstimate } from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { account, codeOf, model, setUp, used } from "./test-fixture.ts";

/** A guard with a budget of tokens, a model that has at most so much output, and what is held. */
async function begin(estimate: CallEstimate, budget = "1000000 tokens", most?: number) {
  const prices = {
    ...providerPrices,
    resolve: (...of: Parameters<typeof providerPrices.resolve>) => {
      const card = providerPrices.resolve(...of);
      if (card === undefined) return undefined;
      const { provider, model, cost, ceiling, affordableOutputTokens } = card;
      const rest = { provider, model, cost, ceiling, affordableOutputTokens };
      return most === undefined ? rest : { ...rest, maxOutputTokens: most };
    },
  };
  const { guard } = setUp({ budgets: [budget], prices });
  const heard: unknown[] = [];
  guard.on("output-truncated", (event) => heard.push(event));
  const request = { ...model(10, 10), estimate: { inputTokens: 10, ...estimate } };
  const permit = await guard.begin(request);
  const { held } = await account(guard);
  return { permit, held: held - 10, heard };
}

describe("output that is added to the limit that a hook sends", () => {
  it.each([
    ["a stated limit", { maxOutputTokens: 2_000 }, undefined, 2_000, 12_000],
    ["a limit that the guard chooses", {}, undefined, 16_384, 26_384],
    ["what the model has at most, stated", { maxOutputTokens: 2_000 }, 8_000, 1, 8_000],
    ["what the model has at most, chosen", {}, 20_000, 10_000, 20_000],
    ["a stated limit above what the model has", { maxOutputTokens: 9_000 }, 8_000, 1, 9_000],
  ])("is held beside it: %s", async (_name, limit, most, sent, held) => {
    const begun = await begin({ ...limit, addedOutputTokens: 10_000 }, undefined, most);
    expect([begun.permit.maxOutputTokens, begun.held]).toEqual([sent, held]);
  });

  it("is left room for in what a budget affords, or the call is refused", async () => {
    const { permit, held } = await begin({ addedOutputTokens: 10_000 }, "12010 tokens");
    expect([permit.maxOutputTokens, held]).toEqual([2_000, 12_000]);
    const few = begin({ addedOutputTokens: 10_000 }, "10200 tokens");
    expect(await codeOf(few)).toBe("BR2001");
  });

  it("is charged when nobody says what was used", async () => {
    const { permit } = await begin({ maxOutputTokens: 2_000, addedOutputTokens: 10_000 });
    permit.dispatched();
    expect((await permit.settle({})).usage.outputTokens).toBe(12_000);
  });

  it("makes an answer no longer than allowed that thought beyond the limit that was sent", async () => {
    const { permit, heard } = await begin({ addedOutputTokens: 10_000 });
    permit.dispatched();
    await permit.settle(used(10, 17_000));
    expect(heard).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN])("is a whole number of tokens, and not %s", async (added) => {
    expect(await codeOf(begin({ addedOutputTokens: added }))).toBe("BR9001");
  });
});
