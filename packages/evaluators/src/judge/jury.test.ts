import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { type JuryOptions, jury } from "./jury.ts";
import { settled } from "./test-fixture.ts";

type Juror = JuryOptions["judges"][number];

const says = (passed: boolean | undefined): Juror => ({
  name: "j",
  evaluate: () => (passed === undefined ? { reason: "?" } : { passed, score: passed ? 1 : 0 }),
});
const [yes, no, unsure] = [says(true), says(false), says(undefined)];
const broken: Juror = { name: "b", evaluate: () => Promise.reject(new Error("x")) };
const hung: Juror = { name: "h", evaluate: () => new Promise(() => {}) };
const nan: Juror = { name: "n", evaluate: () => ({ passed: true, score: Number.NaN }) };

describe("a jury", () => {
  it.each<[string, Juror[], object]>([
    ["all agree", [yes, yes, yes], { passed: true, score: 1, votes: { disagreement: 0 } }],
    ["most pass", [yes, yes, yes, no], { passed: true, score: 0.75, votes: { disagreement: 0.5 } }],
    ["most fail", [no, yes, no, no], { passed: false, score: 0.25, label: "failed" }],
    ["one errs and the others agree", [no, no, broken], { passed: false, votes: { missing: 1 } }],
    [
      "one scores NaN",
      [no, no, nan],
      { passed: false, votes: { passed: 0, failed: 2, missing: 1 } },
    ],
    [
      "one scores null, which is no number",
      [no, no, { name: "0", evaluate: () => ({ passed: true, score: null as never }) }],
      { passed: false, votes: { passed: 0, failed: 2, missing: 1 } },
    ],
    ["votes are split", [yes, no], { label: "inconclusive", votes: { disagreement: 1 } }],
    ["most are unsure", [yes, unsure, unsure], { label: "inconclusive" }],
    ["most err", [yes, broken, broken], { label: "inconclusive" }],
    ["nobody votes", [unsure, broken], { label: "inconclusive", votes: { disagreement: 0 } }],
  ])("when %s", async (_, judges, expected) => {
    const verdict = await jury({ judges }).evaluate({ output: "x" });
    expect(verdict).toMatchObject(expected);
    if (verdict.label === "inconclusive") expect(verdict.passed).toBeUndefined();
  });

  it("waits for nobody beyond its deadline, and aborts who is late", async () => {
    const clock = createFakeClock();
    const signals: (AbortSignal | undefined)[] = [];
    const late: Juror = {
      name: "l",
      evaluate: ({ signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    };
    const verdict = jury({ judges: [yes, yes, late], clock, timeoutMs: 1_000 }).evaluate({
      output: "x",
    });
    await settled();
    clock.advance(950);
    expect(await verdict).toMatchObject({ passed: true, votes: { missing: 1 } });
    expect(signals[0]?.aborted).toBe(true);
    const alone = jury({ judges: [yes, hung, hung], clock, timeoutMs: 1_000 }).evaluate({
      output: "x",
    });
    await settled();
    clock.advance(950);
    expect(await alone).toMatchObject({ label: "inconclusive" });
  });

  it.each<[string, object]>([
    ["one judge", { judges: [yes] }],
    ["a quorum above the number of judges", { judges: [yes, no], quorum: 3 }],
    ["what is no judge", { judges: [yes, {}] }],
    ["an unknown option", { judges: [yes, no], qorum: 1 }],
  ])("refuses %s", (_, options) => {
    expect(() => jury(options as JuryOptions)).toThrow(expect.objectContaining({ code: "BR9001" }));
  });
});
