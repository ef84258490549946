import { describe, expect, it } from "vitest";
import { createGuard, isGuardError } from "../index.ts";

function messageOf(breaker: unknown): string {
  try {
    createGuard({ breaker: breaker as true });
    return "no error";
  } catch (error) {
    if (!isGuardError(error) || error.code !== "BR9001") throw error;
    return error.message;
  }
}

describe("options of the breaker", () => {
  it.each<[string, unknown, string]>([
    ["an unknown key", { failurRate: 0.5 }, 'Did you mean "failureRate"?'],
    ["a word", "on", "breaker must be true, options or a gate"],
    ["false", false, "breaker must be true, options or a gate"],
    ["null", null, "breaker must be true, options or a gate"],
    ["a list", [], "breaker must be an object"],
    ["a rate of 1", { failureRate: 1 }, "a circuit could never open"],
    ["a rate of 0", { failureRate: 0 }, "above 0 and at most 0.99"],
    ["a rate in percent", { failureRate: 25 }, "above 0 and at most 0.99"],
    ["no number", { failureRate: Number.NaN }, "above 0 and at most 0.99"],
    ["more calls than a window sees", { minCalls: 5_000 }, "a whole number from 1 to 1000"],
    ["no probes", { probes: 0 }, "breaker.probes must be a whole number from 1 to 100"],
    ["a rate of slow calls without slow calls", { slowRate: 0.5 }, "no call is slow without"],
    ["a first wait above the longest", { openMs: 9_000, maxOpenMs: 8_000 }, "at most maxOpenMs"],
    ["a foreign glob", { idempotentTools: ["get_{a,b}"] }, "* is the only wildcard"],
    ["a fallback for a tool", { fallbacks: { "tool:a": "tool:b" } }, "neither tools nor patterns"],
    ["half a gate", { look: () => undefined }, "breaker.acquire must be a function"],
    ["a clock without hands", { clock: {} }, "breaker.clock.wallMs must be a function"],
  ])("refuse %s", (_, breaker, text) => {
    expect(messageOf(breaker)).toContain(text);
  });

  it("refuse fallbacks that go round in a circle, and show it", () => {
    const fallbacks = { x: "a", a: "b", b: "c", c: "a" };
    expect(messageOf({ fallbacks })).toContain('"a" → "b" → "c" → "a"');
    expect(messageOf({ fallbacks: { a: "a" } })).toContain('"a" → "a"');
    expect(messageOf({ fallbacks: { a: "b", b: "c", x: "b" } })).toBe("no error");
  });

  it.each([true, {}, { openMs: 600_000 }, { maxOpenMs: 1_000 }, { failureRate: 0.99 }])(
    "take %j",
    (breaker) => {
      expect(messageOf(breaker)).toBe("no error");
    },
  );
});
