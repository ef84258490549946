import { describe, expect, it } from "vitest";
import type { OutcomeClass } from "../call/outcome.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import {
  classifyCall,
  classifyEvaluation,
  classifyRefusal,
  isAnswered,
} from "./classify-outcome.ts";
import type { SliOutcome } from "./sli.ts";

const CALLS: Record<OutcomeClass, [outcome: SliOutcome, answered: boolean]> = {
  success: ["good", true],
  cached: ["good", false],
  "tool-error": ["bad", true],
  "rate-limited": ["bad", false],
  "server-error": ["bad", false],
  "client-error": ["bad", false],
  "connection-error": ["bad", false],
  timeout: ["bad", false],
  failed: ["bad", false],
  aborted: ["excluded", false],
  abandoned: ["excluded", false],
  killed: ["excluded", false],
  refused: ["excluded", false],
  released: ["excluded", false],
  unknown: ["excluded", false],
};

it.each(Object.entries(CALLS))("a call that ended as %s counts as %j", (outcome, expected) => {
  const known = outcome as OutcomeClass;
  expect([classifyCall(known), isAnswered(known)]).toEqual(expected);
});

it("only a refusal by policy or an approver is bad for policy compliance", () => {
  expect(classifyRefusal("BR3001")).toBe("bad");
  expect(classifyRefusal("BR3002")).toBe("bad");
  expect(classifyRefusal("BR3003")).toBe("bad");
  expect(classifyRefusal("BR1001")).toBe("excluded");
  expect(classifyRefusal("BR2001")).toBe("excluded");
  expect(classifyRefusal("BR8001")).toBe("excluded");
});

describe("a verdict", () => {
  const verdict = (status: EvaluationResult["status"], required: boolean): SliOutcome =>
    classifyEvaluation({ evaluator: "e", status, required, score: undefined, label: undefined });

  it("is good only when it passed", () => {
    expect(verdict("passed", true)).toBe("good");
    expect(verdict("passed", false)).toBe("good");
    expect(verdict("failed", true)).toBe("bad");
    expect(verdict("failed", false)).toBe("bad");
  });

  it.each(["error", "timeout", "unsure"] as const)("of %s is bad when required", (status) => {
    expect(verdict(status, true)).toBe("bad");
    expect(verdict(status, false)).toBe("excluded");
  });
});
