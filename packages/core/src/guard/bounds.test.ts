import { describe, expect, it } from "vitest";
import {
  type CallRequest,
  createGuard,
  type GuardOptions,
  type OnUnknownPrice,
  type PriceBook,
  type RateCard,
} from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { account, codeOf, model, RATES, settled, setUp, used } from "./test-fixture.ts";

const UNKNOWN: CallRequest = model(10, 10, { name: "gpt-99" });

function withRule(onUnknownPrice: OnUnknownPrice, budgets: GuardOptions["budgets"] = ["$1"]) {
  return setUp({ budgets, onUnknownPrice }).guard;
}

async function costOf(guard: ReturnType<typeof withRule>, request = UNKNOWN) {
  const permit = await guard.begin(request);
  permit.dispatched();
  return (await permit.settle(used(10, 5))).costNanoUsd;
}

describe("a model without a price", () => {
  it("is refused while a money budget applies, and the refusal says how to add it", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    await expect(guard.begin(UNKNOWN)).rejects.toThrow(
      /BR2002.*gpt-99.*prices: createPriceBook\(\{ overrides: .*inputPerMillionUsd/,
    );
    const bare = createGuard({ budgets: ["$1/day"] });
    await expect(bare.begin(UNKNOWN)).rejects.toThrow(/BR2002.*gpt-99.*prices: createPriceBook/);
    expect((await account(guard)).held).toBe(0);
  });

  it("is admitted where no money budget applies, and its cost is not known rather than 0", async () => {
    for (const budgets of [
      [],
      ["10k tokens"],
      [{ id: "b", limit: { usd: 1 }, window: "day", match: { model: "claude-*" } }] as const,
    ]) {
      expect(await costOf(withRule("deny", budgets))).toBeUndefined();
    }
  });

  it('costs with "ceiling" what the dearest model of its provider would', async () => {
    const dearest = providerPrices.dearest("openai", 0) as RateCard;
    const guard = withRule("ceiling");
    const permit = await guard.begin(UNKNOWN);
    expect((await account(guard)).held).toBe(dearest.ceiling(10, 10));
    permit.dispatched();
    const record = await permit.settle(used(10, 5));
    expect(record.costNanoUsd).toBe(dearest.cost({ inputTokens: 10, outputTokens: 5 }));
    expect(record.model).toBeUndefined();
  });

  it('is refused with "ceiling" when there is no dearest model either', async () => {
    const prices: PriceBook = { ...providerPrices, dearest: () => undefined };
    const { guard } = setUp({ budgets: ["$1"], prices, onUnknownPrice: "ceiling" });
    expect(await codeOf(guard.begin(UNKNOWN))).toBe("BR2002");
  });

  it('needs with "tokens-only" a budget of tokens or calls that bounds it', async () => {
    expect(await codeOf(withRule("tokens-only").begin(UNKNOWN))).toBe("BR2002");
    await expect(withRule("tokens-only").begin(UNKNOWN)).rejects.toThrow(
      "or add a budget of tokens or calls that covers it",
    );
    for (const other of ["10k tokens", "10 calls"]) {
      const guard = withRule("tokens-only", ["$1", other]);
      expect(await costOf(guard)).toBeUndefined();
      expect((await account(guard, other)).settled).toBe(other === "10 calls" ? 1 : 15);
      expect((await account(guard, "$1")).settled).toBe(0);
    }
    const ofOneCall = withRule("tokens-only", ["$1", "20 tokens/call"]);
    expect(await costOf(ofOneCall)).toBeUndefined();
    expect(await codeOf(ofOneCall.begin(model(10, 11, { name: UNKNOWN.name })))).toBe("BR2001");
  });

  it("is free when it was named as free, and no other is", async () => {
    const guard = withRule({ allowFree: ["gpt-99*", "llama-*"] });
    expect(await costOf(guard)).toBe(0);
    expect(await codeOf(guard.begin(model(1, 1, { name: "gpt-98" })))).toBe("BR2002");
  });

  it("keeps its price when it has one, whatever the rule", async () => {
    for (const rule of ["ceiling", "tokens-only", { allowFree: ["gpt-*"] }] as const) {
      expect(await costOf(withRule(rule), model(10, 10))).toBe(10 * RATES.input + 5 * RATES.output);
    }
  });
});

describe("the output bound", () => {
  it("is what the request says, reserved whole or refused", async () => {
    const { guard } = setUp({ budgets: ["$0.01"] });
    expect((await guard.begin(model(0, 5_000))).maxOutputTokens).toBe(5_000);
    expect(await codeOf(guard.begin(model(0, 1)))).toBe("BR2001");
  });

  it("is 16,384 tokens where nothing says less", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(16_384);
  });

  it("is the model's own maximum where that is known", async () => {
    const card = { ...providerPrices.resolve("", "gpt-5-mini", 0), maxOutputTokens: 4_096 };
    const prices = { ...providerPrices, resolve: () => card as RateCard };
    const { guard } = setUp({ budgets: ["$1"], prices });
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(4_096);
  });

  it("shrinks to what every budget affords, and never below 256 tokens", async () => {
    const { guard } = setUp({ budgets: ["$0.002", "900 tokens"] });
    const first = await guard.begin(model(100));
    expect(first.maxOutputTokens).toBe(800);
    expect(await codeOf(guard.begin(model(0)))).toBe("BR2001");
    await first.release();
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(900);
  });

  it("that fits no more is refused by the budget that is in the way, and by no other", async () => {
    const { guard } = setUp({ budgets: ["$0.02/day", "$0.005"] });
    const first = await guard.begin(model(0)); // holds what the smaller one affords
    await expect(guard.begin(model(0))).rejects.toMatchObject({
      details: { budget: "$0.005", remaining: 0 },
    });
    await first.release();
  });

  it("fits budgets of a single call", async () => {
    const { guard } = setUp({ budgets: ["1k tokens/call", "$0.001/call"] });
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(500);
    expect((await guard.begin(model(600))).maxOutputTokens).toBe(400);
    expect(await codeOf(guard.begin(model(900)))).toBe("BR2001");
  });

  it("is not touched when no budget needs one", async () => {
    const { guard } = setUp({ budgets: ["10 calls"] });
    const permit = await guard.begin(model(0));
    expect(permit.maxOutputTokens).toBeUndefined();
    permit.dispatched();
    expect((await permit.settle(used(0, 1))).bound).toBe("none");
  });

  it("follows the reservation options", async () => {
    const reservation = { defaultMaxOutputTokens: 2_000, minOutputTokens: 10 };
    const { guard } = setUp({ budgets: ["$0.0041"], reservation });
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(2_000);
    expect((await guard.begin(model(0))).maxOutputTokens).toBe(50);
    expect(await codeOf(guard.begin(model(0)))).toBe("BR2001");
  });

  it("that cut an answer short raises an event", async () => {
    const { guard } = setUp({ budgets: ["$0.002"] });
    const cut: unknown[] = [];
    guard.on("output-truncated", ({ maxOutputTokens }) => cut.push(maxOutputTokens));
    const chosen = await guard.begin(model(0));
    chosen.dispatched();
    await chosen.settle(used(0, 1_000));
    expect(cut).toEqual([1_000]);
  });

  it("that the request itself asked for raises none", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const cut: unknown[] = [];
    guard.on("output-truncated", (event) => cut.push(event));
    const stated = await guard.begin(model(0, 100));
    stated.dispatched();
    await stated.settle(used(0, 100));
    expect(cut).toEqual([]);
  });
});

describe("a hook that cannot send a limit", () => {
  const assumed = model(0, undefined, { bound: "assumed" });

  it("reserves the same figure, marked as assumed and counted", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(assumed);
    permit.dispatched();
    expect((await permit.settle(used(0, 1))).bound).toBe("assumed");
    expect(guard.metrics().assumedBounds).toBe(1);
  });

  it("is told of no answer that was cut short: nobody cut it", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const cut: unknown[] = [];
    guard.on("output-truncated", (event) => cut.push(event));
    const permit = await guard.begin(assumed);
    permit.dispatched();
    await permit.settle(used(0, 20_000));
    expect(cut).toEqual([]);
  });

  it("is counted once a call, however long that waited, and not where it was refused", async () => {
    const { guard } = setUp({ budgets: ["$0.04"], onHeld: "wait" });
    const first = await guard.begin(model(0, 16_000));
    const waiting = guard.begin(assumed);
    await settled();
    await first.release();
    await (await waiting).release();
    const tooDear = { ...assumed, estimate: { inputTokens: 1_000_000 } };
    expect(await codeOf(guard.begin(tooDear))).toBe("BR2001");
    expect(guard.metrics().assumedBounds).toBe(1);
  });

  it('is refused with onUnboundedOutput "refuse", unless the request bounds itself', async () => {
    const { guard } = setUp({ budgets: ["$1"], onUnboundedOutput: "refuse" });
    expect(await codeOf(guard.begin(assumed))).toBe("BR2001");
    const stated = model(0, 100, { bound: "assumed" });
    expect(await codeOf(guard.begin(stated))).toBeUndefined();
    expect(guard.metrics().assumedBounds).toBe(0);
  });
});

describe("the input bound", () => {
  it("comes from the price book's estimator, else from the bytes", async () => {
    const input = { messages: ["ä"] };
    const request: CallRequest = { ...model(0), input, estimate: { maxOutputTokens: 0 } };
    const { guard } = setUp({ budgets: ["10k tokens"] });
    await guard.begin(request);
    expect((await account(guard)).held).toBe(providerPrices.estimateInputTokens(input));
    const bare = setUp({ budgets: ["10k tokens"], prices: undefined } as never);
    await bare.guard.begin(request);
    expect((await account(bare.guard)).held).toBe(Buffer.byteLength(JSON.stringify(input)));
  });

  it("of a price book is a whole number, or the call is refused", async () => {
    const withEstimate = (tokens: number) =>
      setUp({
        budgets: ["10k tokens"],
        prices: { ...providerPrices, estimateInputTokens: () => tokens },
      }).guard;
    const request: CallRequest = { ...model(0), input: "hi", estimate: { maxOutputTokens: 0 } };
    const half = withEstimate(1.5);
    await half.begin(request);
    expect((await account(half)).held).toBe(2);
    for (const tokens of [-5, Number.NaN]) {
      await expect(withEstimate(tokens).begin(request)).rejects.toMatchObject({ code: "BR8001" });
    }
  });

  it.each([-1, 0.5, Number.NaN, "9", 2 ** 53, null])("that is %o is refused", async (tokens) => {
    const budgets = [["10k tokens"], ["9 calls/day"], []]; // also where none asks for it
    for (const guard of budgets.map((some) => setUp({ budgets: some }).guard)) {
      for (const key of ["inputTokens", "maxOutputTokens"]) {
        const request = { ...model(0), estimate: { [key]: tokens } };
        await expect(guard.begin(request)).rejects.toThrow(`BR9001 estimate.${key}`);
      }
    }
  });
});
