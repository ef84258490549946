import {
  type BudgetOptions,
  createGuard,
  findGuardError,
  type Guard,
  type Permit,
} from "@burnrate/core";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { makeCalls, runTrial, type Traffic } from "../scripts/estimator-trial.ts";
import { createPriceBook, estimateInputTokens, exactTokens } from "./index.ts";

const AT = Date.UTC(2026, 9, 1);
const INPUT = { messages: [{ role: "user", content: "x".repeat(2_000) }] };

const LARGE: BudgetOptions = { id: "large", limit: { tokens: 1e9 }, window: "total" };

function begin(guard: Guard): Promise<Permit> {
  const estimate = { maxOutputTokens: 10 };
  return guard.begin({ kind: "model", provider: "openai", name: "gpt-5", input: INPUT, estimate });
}

async function call(guard: Guard, inputTokens: number): Promise<void> {
  const permit = await begin(guard);
  permit.dispatched();
  await permit.settle({ usage: { inputTokens, outputTokens: 10 } });
}

async function heldBy(guard: Guard): Promise<number> {
  const permit = await begin(guard);
  const held = (await guard.budgets())[0]?.held ?? 0;
  await permit.release();
  return held - 10;
}

describe("a guard with calibrated prices", () => {
  it("holds the byte bound at first, and a little more than the truth once it has learnt", async () => {
    const prices = createPriceBook({ estimator: "calibrated" });
    const guard = createGuard({ prices, budgets: [LARGE] });
    expect(await heldBy(guard)).toBe(estimateInputTokens(INPUT));
    for (let i = 0; i < 200; i++) await call(guard, 500);
    expect(await heldBy(guard)).toBeLessThan(650);
    expect(await heldBy(guard)).toBeGreaterThan(500);
    await guard.close();
  });

  it("records the truth of calls that had more, goes over, and refuses what comes after", async () => {
    const prices = createPriceBook({ estimator: "calibrated" });
    const limit = { tokens: 200 * 510 + 2_100 };
    const guard = createGuard({ prices, budgets: [{ id: "tokens", limit, window: "total" }] });
    for (let i = 0; i < 200; i++) await call(guard, 500);
    const permits = await Promise.all([begin(guard), begin(guard), begin(guard)]);
    for (const permit of permits) {
      permit.dispatched();
      await permit.settle({ usage: { inputTokens: 1_500, outputTokens: 10 } });
    }
    const [status] = await guard.budgets();
    expect(status).toMatchObject({ settled: 200 * 510 + 3 * 1_510, held: 0, state: "over" });
    expect(findGuardError(await begin(guard).catch((error) => error))?.code).toBe("BR2001");
    await guard.close();
  });

  it("learns nothing from usage that was missing, inconsistent or not of a whole call", async () => {
    const prices = createPriceBook({ estimator: "calibrated" });
    const guard = createGuard({ prices, budgets: [LARGE] });
    for (let i = 0; i < 250; i++) {
      const ends: ((permit: Permit) => Promise<unknown>)[] = [
        (permit) => permit.settle(),
        (permit) =>
          permit.settle({ usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 9_000 } }),
        (permit) => permit.fail(new Error("cut"), { usage: { inputTokens: 1, outputTokens: 0 } }),
        (permit) => permit.settle({ outcome: "cached" }),
      ];
      for (const end of ends) {
        const permit = await begin(guard);
        permit.dispatched();
        await end(permit);
      }
    }
    expect(await heldBy(guard)).toBe(estimateInputTokens(INPUT));
    await guard.close();
  });

  it("goes on when a price book throws at what it is told", async () => {
    const prices = {
      ...createPriceBook(),
      observe: () => {
        throw new Error("no");
      },
    };
    const guard = createGuard({ prices, budgets: ["$5/day"] });
    await expect(call(guard, 500)).resolves.toBeUndefined();
    await guard.close();
  });

  it("tells it once a call, with what it had estimated and what the provider counted", async () => {
    const told: number[][] = [];
    const prices = {
      ...createPriceBook(),
      observe: (_: unknown, estimated: number, actual: number) =>
        void told.push([estimated, actual]),
    };
    const guard = createGuard({ prices, budgets: ["$5/day"] });
    const permit = await begin(guard);
    permit.dispatched();
    const usage = { inputTokens: 500, outputTokens: 10 };
    await Promise.all([permit.settle({ usage }), permit.settle({ usage }), permit.release()]);
    expect(told).toEqual([[estimateInputTokens(INPUT), 500]]);
    await guard.close();
  });
});

describe("against what gpt-tokenizer counts, on chats in many languages, code, JSON and tools", () => {
  const languages = { english: 2, german: 1, russian: 1, chinese: 1, arabic: 1, hindi: 1 };
  const traffic: Traffic = {
    kinds: { ...languages, code: 1, json: 1, base64: 1, emoji: 1 },
    tools: 0.3,
  };

  const learning = makeCalls(traffic, 1_500, 3);
  const calls = makeCalls(traffic, 300, 5);

  it.each([
    ["bytes", "bytes" as const, 0, 6],
    ["calibrated", "calibrated" as const, 0.005, 4],
    ["exact", exactTokens({ o200k: countTokens }), 0, 1.3],
  ])(
    "%s is rarely below, and reserves no more than it says",
    (_, estimator, under, most) => {
      const prices = createPriceBook({ estimator });
      const card = prices.resolve("openai", "gpt-4o", AT);
      if (card === undefined) throw new Error("no gpt-4o");
      runTrial(prices, card, learning);
      const result = runTrial(prices, card, calls);
      expect(result.under).toBeLessThanOrEqual(under);
      expect(result.reserved).toBeLessThan(most);
    },
    60_000,
  );
});
