import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallRecord, RateCard, Usage } from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { account, codeOf, model, RATES, setUp, tool, used } from "./test-fixture.ts";

const WHOLE = 10 * RATES.input + 10 * RATES.output;

describe("a call's end", () => {
  it("counts once: the first of settle, fail and release", async () => {
    const { guard, records } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const record = await permit.settle(used(10, 2));
    expect(await permit.fail(new Error("late"))).toBe(record);
    expect(await permit.release()).toBe(record);
    expect((await account(guard)).settled).toBe(10 * RATES.input + 2 * RATES.output);
    expect(records).toEqual([record]);
  });

  it.each(["call-settled", "budget-threshold-crossed"] as const)(
    "counts once, also when a listener of %s ends the call again",
    async (event) => {
      const { guard, records } = setUp({ budgets: ["2 calls"] });
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      const again: Promise<unknown>[] = [];
      guard.on(event, () => again.push(permit.fail(new Error("aborted by a listener"))));
      const record = await permit.settle(used(10, 2));
      expect(await Promise.all(again)).toContain(record);
      expect(records).toEqual([record]);
      expect(guard.metrics().calls.settled).toBe(1);
    },
  );

  it.each([
    undefined,
    null,
    { inputTokens: Number.NaN, outputTokens: 1 },
    { inputTokens: -5, outputTokens: 1 },
    { inputTokens: 0.5, outputTokens: 1 },
    { inputTokens: 1e300, outputTokens: 1 },
  ])("without usable usage (%o) is charged its whole reservation", async (usage) => {
    const { guard } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const record = await permit.settle(usage === undefined ? {} : ({ usage } as never));
    expect(record).toMatchObject({ usageSource: "estimated", costNanoUsd: WHOLE });
    expect(record.reservedNanoUsd).toBe(WHOLE);
  });

  it("shows nothing of an answer that guard.run's function returns without an object", async () => {
    const { guard } = setUp();
    const running = guard.run(model(10, 10), () => "diagnosis C50.9" as never);
    const error = await running.catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/BR9001 run\.fn .*; got string\.$/);
    expect(JSON.stringify(error)).not.toContain("C50.9");
  });

  it.each([undefined, null, 5])(
    "says what is wrong when the function of guard.run returns %o, after it was charged",
    async (result) => {
      const { guard } = setUp({ budgets: ["$1"] });
      const running = guard.run(model(10, 10), () => result as never);
      await expect(running).rejects.toThrow("BR9001 run.fn must be a function that returns");
      expect(await account(guard)).toMatchObject({ settled: WHOLE, held: 0 });
    },
  );

  it("is free when the provider refused it, and charged when nobody knows", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const costs: (number | undefined)[] = [];
    for (const error of [{ status: 429 }, { status: 504 }, new Error("boom")]) {
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      costs.push((await permit.fail(error)).costNanoUsd);
    }
    expect(costs).toEqual([0, WHOLE, WHOLE]);
  });

  it("above its reservation is recorded in truth, and stops new work", async () => {
    const { guard } = setUp({ budgets: ["$0.01"] });
    const overshot: number[] = [];
    guard.on("budget-overshot", ({ spent }) => overshot.push(spent));
    const permit = await guard.begin(model(0, 10));
    permit.dispatched();
    await permit.settle(used(0, 6_000));
    expect(await account(guard)).toMatchObject({ settled: 12_000_000, state: "over" });
    expect(overshot).toEqual([12_000_000]);
    expect(await codeOf(guard.begin(model(0, 1)))).toBe("BR2001");
  });

  it("before it was sent costs nothing and counts for nothing", async () => {
    const { guard, records } = setUp({ budgets: ["5 calls"] });
    await (await guard.begin(model(1, 1))).fail(new Error("could not serialise"));
    await (await guard.begin(model(1, 1))).release();
    expect(await account(guard)).toMatchObject({ settled: 0, held: 0 });
    expect(records.map(({ outcome }) => outcome)).toEqual(["released", "released"]);
    expect(guard.metrics().totals.slis.call_success.bad).toBe(0);
  });

  it("with an outcome that does not exist is an answer like any other", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    const record = await permit.settle({ ...used(1, 1), outcome: "sucess" as never });
    expect(record).toMatchObject({ outcome: "success", costNanoUsd: RATES.input + RATES.output });
    expect(guard.metrics().totals.slis.call_success).toMatchObject({ good: 1, bad: 0 });
  });

  it("from a framework's cache costs nothing", async () => {
    const { guard } = setUp({ budgets: ["$1", "5 calls"] });
    const permit = await guard.begin(model(10, 10));
    const record = await permit.settle({ outcome: "cached" });
    expect(record.costNanoUsd).toBe(0);
    for (const status of await guard.budgets()) expect(status.settled + status.held).toBe(0);
  });
});

describe("what a call ended with", () => {
  it("is a time-out when the caller's own signal was one", async () => {
    const { guard } = setUp();
    const timeout = AbortSignal.abort(new DOMException("too slow", "TimeoutError"));
    const caller = new AbortController();
    const permit = await guard.begin(model(1, 1, { signal: caller.signal }));
    permit.dispatched();
    caller.abort(timeout.reason);
    expect((await permit.fail(timeout.reason)).outcome).toBe("timeout");
  });

  it("is a connection error also when nothing could be sent, at no cost", async () => {
    const { guard } = setUp({ budgets: ["1 calls/day"] });
    const permit = await guard.begin(model(1, 1));
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const record = await permit.fail(refused);
    expect(record).toMatchObject({ outcome: "connection-error", costNanoUsd: 0 });
    expect(await account(guard)).toMatchObject({ settled: 0, held: 0 });
  });

  it("settles its money whatever its caller aborts it with", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const caller = new AbortController();
    const permit = await guard.begin(model(10, 10, { signal: caller.signal }));
    permit.dispatched();
    const reason = new Error("hostile");
    const hostile = {
      get: () => {
        throw reason;
      },
    };
    caller.abort(Object.defineProperty(reason, "name", hostile));
    expect(await permit.fail(reason)).toMatchObject({ outcome: "aborted", costNanoUsd: WHOLE });
    expect(await account(guard)).toMatchObject({ settled: WHOLE, held: 0 });
  });
});

describe("missing usage", () => {
  it('charges with onMissingUsage "observed" what was seen and a margin, within the bound', async () => {
    const { guard } = setUp({ budgets: ["$1"], onMissingUsage: "observed" });
    const charged = async (bound: number, seen: number): Promise<number> => {
      const permit = await guard.begin(model(10, bound));
      permit.dispatched();
      permit.progress({ outputTokens: seen });
      return (await permit.fail(new Error("cut"))).usage.outputTokens;
    };
    expect(await charged(5_000, 100)).toBe(100 + 64);
    expect(await charged(5_000, 2_001)).toBe(2_001 + 201);
    expect(await charged(120, 100)).toBe(120);
    expect(await charged(120, 500), "seen beyond the bound").toBe(500);
  });

  it.each([["10 calls"], ["10k tokens"]])(
    "is never a cost of 0, with a budget of %s",
    async (budget) => {
      const { guard } = setUp({ budgets: [budget] });
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      expect(await permit.settle()).toMatchObject({ costNanoUsd: WHOLE, usageSource: "estimated" });
    },
  );

  it("is usage without output of a stream that brought some, too", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const end = async (usage: Usage): Promise<CallRecord> => {
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      permit.progress({ outputTokens: 7 });
      return permit.settle({ usage });
    };
    expect(await end({ inputTokens: 10, outputTokens: 0 })).toMatchObject({
      costNanoUsd: WHOLE,
      usageSource: "estimated",
      usageAnomaly: "outputTokens is 0, and output was seen",
    });
    const ofSpeech = await end({ inputTokens: 0, outputTokens: 0, seconds: 3 });
    expect(ofSpeech.usageSource).toBe("provider");
  });

  it("is never a cost of 0 when no budget needed a bound at all", async () => {
    const { guard } = setUp();
    const permit = await guard.begin({ kind: "model", provider: "openai", name: "gpt-5-mini" });
    permit.dispatched();
    const record = await permit.fail(new Error("cut"));
    expect(record.usage.outputTokens).toBe(16_384);
    expect(record.costNanoUsd).toBeGreaterThanOrEqual(16_384 * RATES.output);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN, -1, 1e300, 2.5])(
    "is charged in whole, possible numbers when a stream reports %d tokens",
    async (outputTokens) => {
      const { guard } = setUp({ budgets: ["$1", "100k tokens"] });
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      permit.progress({ outputTokens });
      const record = await permit.fail(new Error("cut"));
      expect(record.costNanoUsd).toBe(WHOLE);
      for (const { settled } of await guard.budgets())
        expect(Number.isSafeInteger(settled)).toBe(true);
    },
  );
});

describe("a price book", () => {
  const card = providerPrices.resolve("openai", "gpt-5-mini", 0) as RateCard;

  it.each<[string, () => number]>([
    ["gives NaN", () => Number.NaN],
    ["gives a refund", () => -1],
    ["gives a fraction", () => 0.5],
    ["gives too much to count", () => 1e300],
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
  ])(
    "that %s for what was used charges the reservation and never breaks a balance",
    async (_, cost) => {
      const prices = { ...providerPrices, resolve: () => ({ ...card, cost }) };
      const { guard } = setUp({ budgets: ["$1"], prices });
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      const record = await permit.settle(used(10, 5));
      expect(record).toMatchObject({ usageSource: "estimated", costNanoUsd: WHOLE });
      expect((await account(guard)).settled).toBe(WHOLE);
    },
  );
});

describe("a price book that fails", () => {
  it("refuses the call, which is told and counted as any refusal", async () => {
    const resolve = () => {
      throw new Error("broken");
    };
    const { guard } = setUp({ budgets: ["$1"], prices: { ...providerPrices, resolve } });
    const told: unknown[] = [];
    guard.on("call-refused", ({ code, name }) => told.push([code, name]));
    await expect(guard.begin(model(10, 10))).rejects.toMatchObject({ code: "BR8001" });
    expect(told).toEqual([["BR8001", model(10, 10).name]]);
    expect(guard.metrics().calls).toMatchObject({ refused: 1, inFlight: 0 });
  });
});

describe("the price of a tool", () => {
  it.each([
    [0.1 + 0.2, 300_000_000],
    [0.1, 100_000_000],
    [1e-10, 1],
    [0.000_000_000_4, 1],
    [2.675, 2_675_000_000],
    [1.1 * 3, 3_300_000_000],
    [0.000_000_001, 1],
  ])(
    "of %d dollars is %d whole nano-dollars: rounded up, without float noise",
    async (usd, nano) => {
      const { guard } = setUp({ budgets: ["$10"] });
      const permit = await guard.begin(tool("search", usd));
      expect((await account(guard)).held).toBe(nano);
      expect((await permit.settle()).costNanoUsd).toBe(nano);
    },
  );

  it("is never below what was asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 999_999, noNaN: true }), async (usd) => {
        const { guard } = setUp({ budgets: ["$9,000,000"] });
        await guard.begin(tool("search", usd));
        const { held } = await account(guard);
        expect(Number.isSafeInteger(held)).toBe(true);
        expect(held).toBeGreaterThanOrEqual(usd * 1e9 * (1 - 5e-15));
        expect(held).toBeLessThanOrEqual(usd * 1e9 * (1 + 5e-15) + 1);
      }),
      { numRuns: 200 },
    );
  });

  it.each([Number.NaN, -0.01, Number.POSITIVE_INFINITY, 1e9, "0.1", null])(
    "is refused when it is %o",
    async (usd) => {
      const { guard } = setUp({ budgets: ["$1"] });
      const refused = guard.begin({ kind: "tool", name: "search", estimate: { usd } } as never);
      await expect(refused).rejects.toThrow(/BR9001 estimate\.usd/);
      expect((await account(guard)).held).toBe(0);
    },
  );
});

it("an input that cannot be measured is a ConfigError, not a TypeError of JSON", async () => {
  const { guard } = setUp({ budgets: ["10k tokens"], prices: undefined } as never);
  const input: Record<string, unknown> = {};
  input["self"] = input;
  await expect(guard.begin({ kind: "model", name: "m", input })).rejects.toThrow(/BR9001.*input/);
});
