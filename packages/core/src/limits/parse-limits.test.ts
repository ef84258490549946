import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findGuardError, type GuardErrorDetails, isGuardError } from "../index.ts";
import { createLimits } from "./create-limits.ts";
import { parseLimits } from "./parse-limits.ts";

function one(rule: unknown) {
  return parseLimits("limits", [rule as string]).rules[0];
}

function refusal(options: unknown): { message: string; details: GuardErrorDetails } {
  try {
    createLimits(options as []);
  } catch (error) {
    const found = findGuardError(error);
    if (found?.code === "BR9001") return found;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a limit as text", () => {
  it.each([
    ["60/minute per user", { kind: "rate", calls: 60, period: "minute", burst: 60 }, ["user"]],
    ["  10 CALLS / Second ", { kind: "rate", calls: 10, period: "second", burst: 10 }, []],
    ["1 call/day per org", { kind: "rate", calls: 1, period: "day", burst: 1 }, ["org"]],
    ["4 at once per agent", { kind: "concurrency", most: 4 }, ["agent"]],
    ["200 calls per session", { kind: "calls", most: 200, ttlMs: 86_400_000 }, ["session"]],
    ["50 calls per task", { kind: "calls", most: 50, ttlMs: 86_400_000 }, ["task"]],
    ["5 calls per session per tool", { kind: "calls", most: 5 }, ["session", "tool"]],
    ["20 steps per task", { kind: "steps", most: 20, ttlMs: 86_400_000 }, ["task"]],
    ["20 steps", { kind: "steps", most: 20 }, ["task"]],
  ])("%s says what it means", (text, what, per) => {
    expect(one(text)).toMatchObject({ what, per });
  });

  it("has one id however it is spaced and spelt", () => {
    expect(one(" 60  calls / MINUTE  per  user ")?.id).toBe("60/minute per user");
    expect(one("1 step")?.id).toBe("1 steps per task");
  });

  it.each([
    ["60/minut per user", "60/minute per user"],
    ["60/min", "60/minute"],
    ["60 per minute", "60/minute"],
    ["60 calls per hour", "60/hour"],
    ["200 calls/session", "200 calls per session"],
    ["200/task", "200 calls per task"],
    ["20 steps/task", "20 steps per task"],
    ["60/minute per usr", "60/minute per user"],
    ["4 at onec", "4 at once"],
    ["4 concurrent per agent", "4 at once per agent"],
    ["20 stps per task", "20 steps per task"],
  ])("%s is refused, and what was meant is said", (text, meant) => {
    expect(refusal([text]).details["nearest"]).toBe(meant);
  });

  it.each([
    "",
    "60",
    "per user",
    "-1/minute",
    "1.5/minute",
    "60/minute/user",
    "$5/day",
    "x".repeat(300),
  ])("%j is refused", (text) => {
    expect(refusal([text]).message).toMatch(/^BR9001 limits\[0\] must be/);
  });

  it("is a limit or a ConfigError, whatever it says", () => {
    const word = fc.constantFrom(
      "60",
      "0",
      "/",
      "minute",
      " per ",
      "user",
      "at once",
      "steps",
      " ",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join("")),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseLimits("limits", [given]);
        } catch (error) {
          expect(isGuardError(error)).toBe(true);
        }
      }),
    );
  });
});

describe("a limit as an object", () => {
  it("takes a burst, a time to live, and what it covers", () => {
    expect(
      one({ rate: { calls: 60, per: "minute", burst: 5 }, match: { model: "gpt-*" } }),
    ).toEqual({
      id: "60/minute (model gpt-*)",
      what: { kind: "rate", calls: 60, period: "minute", burst: 5 },
      per: [],
      match: { model: "gpt-*" },
    });
    expect(one({ calls: 3, per: ["session", "tool"], ttlMs: 1_000 })).toMatchObject({
      what: { kind: "calls", most: 3, ttlMs: 1_000 },
    });
  });

  it.each<[string, unknown, RegExp]>([
    ["no call at all", "0/minute", /limits\[0\]\.rate\.calls must be a whole number from 1/],
    ["half a call", { concurrency: 0.5 }, /limits\[0\]\.concurrency must be a whole number/],
    ["a negative number", { concurrency: -1 }, /whole number/],
    ["not a number", { concurrency: Number.NaN }, /whole number/],
    ["infinitely many", { concurrency: Number.POSITIVE_INFINITY }, /whole number/],
    ["more than can be counted", "1000001/second", /from 1 to 1000000/],
    ["a burst of nothing", { rate: { calls: 1, per: "day", burst: 0 } }, /rate\.burst/],
    ["a wrong period", { rate: { calls: 1, per: "week" } }, /rate\.per must be one of/],
    ["two limits in one", { concurrency: 1, steps: 1 }, /exactly one of rate, concurrency/],
    ["no limit", { per: "user" }, /exactly one of/],
    ["calls of nothing", "5 calls", /per must be "session" or "task"/],
    ["calls of a user", "5 calls per user", /per must be "session" or "task"/],
    ["steps of a session", "5 steps per session", /per must be "task"/],
    ["steps of a tool", { steps: 5, match: { tool: "x" } }, /never apply/],
    ["models by tool", { concurrency: 5, per: "tool", match: { model: "x" } }, /never apply/],
    ["a task that lives on", { calls: 5, per: "task", ttlMs: 1 }, /ttlMs must be absent/],
    ["a rate that lives on", { rate: { calls: 1, per: "day" }, ttlMs: 1 }, /ttlMs must be absent/],
    ["no time to live", { calls: 5, per: "session", ttlMs: 0 }, /ttlMs must be a whole number/],
    ["no time, as null", { calls: 5, per: "session", ttlMs: null }, /ttlMs must be a whole number/],
    ["no burst, as null", { rate: { calls: 1, per: "day", burst: null } }, /rate\.burst/],
    ["a wildcard in a name", { concurrency: 1, match: { user: "a*" } }, /match\.user/],
  ])("%s is refused", (_, rule, message) => {
    expect(refusal([rule]).message).toMatch(message);
  });

  it.each<[string, unknown, string]>([
    ["limits.rule", { rule: [] }, "rules"],
    ["a rule's key", [{ concurency: 1 }], "concurrency"],
    ["a rate's key", [{ rate: { call: 1, per: "day" } }], "calls"],
    ["a dimension", [{ concurrency: 1, per: "usr" }], "user"],
    ["repeatedToolCall's key", { repeatedToolCall: { alertat: 3 } }, "alertAt"],
  ])("%s that is misspelt is refused with the nearest spelling", (_, options, nearest) => {
    expect(refusal(options).details["nearest"]).toBe(nearest);
  });

  it("is refused when another has its id, which says where", () => {
    expect(refusal({ rules: ["1 at once", { concurrency: 1 }] }).message).toMatch(
      /limits\.rules\[1\] must be a limit with an id of its own: limits\.rules\[0\] has the same/,
    );
  });

  it.each([0, 1, 1.5, Number.NaN, -3])(
    "cannot call %d of the same call a repetition",
    (alertAt) => {
      expect(refusal({ repeatedToolCall: { alertAt } }).message).toMatch(
        /repeatedToolCall\.alertAt/,
      );
      expect(refusal({ repeatedToolCall: { refuseAt: alertAt } }).message).toMatch(/refuseAt/);
    },
  );

  it.each([-1, 256, Number.NaN, "16"])("cannot be a delegation depth of %s", (depth) => {
    expect(refusal({ maxDelegationDepth: depth }).message).toMatch(/maxDelegationDepth/);
  });
});
