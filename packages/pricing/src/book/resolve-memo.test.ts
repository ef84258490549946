import { expect, it } from "vitest";
import { createResolveMemo } from "./resolve-memo.ts";

const FOREVER = { card: undefined, fromMs: 0, untilMs: Number.POSITIVE_INFINITY };

it("never remembers more names than its cap", () => {
  const memo = createResolveMemo(10);
  for (let i = 0; i < 1_000; i++) {
    memo.set(`provider-${i % 7}`, `model-${i}`, FOREVER);
    expect(memo.size).toBeLessThanOrEqual(10);
  }
  expect(memo.get("provider-5", "model-999", 1)).toBe(FOREVER);
});

it("forgets a name that is too long to be one", () => {
  const memo = createResolveMemo(10);
  memo.set("p", "m".repeat(1_000), FOREVER);
  expect(memo.size).toBe(0);
});

it("holds from its instant until the price changes, and not before or after", () => {
  const memo = createResolveMemo(10);
  memo.set("p", "m", { card: undefined, fromMs: 100, untilMs: 200 });
  expect(memo.get("p", "m", 99)).toBeUndefined();
  expect(memo.get("p", "m", 100)).toBeDefined();
  expect(memo.get("p", "m", 200)).toBeUndefined();
});
