import { createGuard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { wilson } from "../statistics/wilson.ts";
import { createEvaluationSlis } from "./evaluation-slis.ts";
import { type Observation, rateSli } from "./rate-sli.ts";

function observations(count: number, rest: Observation): Observation[] {
  return Array.from({ length: count }, () => rest);
}

describe("the rate of good results", () => {
  it("is the evaluator's, and says that it is not calibrated, with fewer than 30 labels", () => {
    const sli = rateSli([
      ...observations(60, { passed: true }),
      ...observations(20, { passed: false }),
      ...observations(20, { passed: undefined }),
      ...observations(29, { passed: true, human: false }),
    ]);
    expect(sli).toEqual({
      ...wilson(89, 109),
      judged: 109,
      labelled: 29,
      coverage: 109 / 129,
      calibrated: false,
      method: "judge-only",
    });
  });

  it("is corrected by labels of a plain sample: here the judge passes a third of the bad", () => {
    const sli = rateSli([
      ...observations(70, { passed: true, human: true }),
      ...observations(10, { passed: true, human: false }),
      ...observations(20, { passed: false, human: false }),
      ...observations(8_000, { passed: true }),
      ...observations(2_000, { passed: false }),
    ]);
    expect(sli).toMatchObject({ calibrated: true, labelled: 100, method: "prediction-powered" });
    expect(sli.estimate).toBeCloseTo(0.7, 2);
    expect(sli.high).toBeLessThan(wilson(70, 100).high);
  });

  it("weights labels that were chosen with different probabilities", () => {
    const sli = rateSli([
      ...observations(45, { passed: true, human: true, probability: 0.05 }),
      ...observations(50, { passed: false, human: false, probability: 0.5 }),
      ...observations(900, { passed: true }),
    ]);
    expect(sli).toMatchObject({ calibrated: true, method: "weighted-human" });
    expect(sli.estimate).toBeCloseTo(0.9, 2);
  });

  it("is the evaluator's own where people saw only what failed", () => {
    const failed = { passed: false, human: false, probability: 0.5 };
    const calls = [...observations(27, failed), ...observations(3, { ...failed, human: true })];
    const passed = (count: number) => observations(count, { passed: true });
    const oneSided = rateSli([...calls, ...observations(30, { passed: false }), ...passed(60)]);
    expect(oneSided).toMatchObject({ estimate: 0.5, calibrated: false, method: "judge-only" });
    expect(oneSided.labelled).toBe(30);
    const unequal = { ...failed, probability: 0.2 };
    expect(rateSli([...calls, unequal, ...passed(60)]).method).toBe("judge-only");
    expect(rateSli([...calls, ...passed(3)]).calibrated).toBe(true); // chance, or not labelled yet
    const seen = { passed: true, human: true, probability: 0.5 };
    expect(rateSli([...calls, seen, ...passed(60)]).calibrated).toBe(true);
  });

  it("is unknown, not 0, without any evaluation", () => {
    expect(rateSli([])).toMatchObject({ estimate: Number.NaN, low: 0, high: 1, coverage: 0 });
  });
});

describe("figures of a guard's evaluators", () => {
  it("count a guard once that is followed twice, until nobody follows it any more", async () => {
    const guard = createGuard({
      evaluators: [{ name: "e", on: "model", evaluate: () => ({ passed: true }) }],
    });
    const slis = createEvaluationSlis();
    const [stop, stopToo] = [slis.follow(guard), slis.follow(guard)];
    const call = (): Promise<unknown> =>
      guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, async () => ({ value: 1 }));
    await call();
    expect(slis.figures("e")?.passRate.judged).toBe(1);
    stop();
    stop();
    await call();
    expect(slis.figures("e")?.passRate.judged).toBe(2);
    stopToo();
    await call();
    expect(slis.figures("e")?.passRate.judged).toBe(2);
    await guard.close();
  });

  it("count verdicts, errors, coverage, lag and cost", async () => {
    const clock = createFakeClock();
    const verdicts = [{ passed: true }, { passed: false }, {}, { passed: true }];
    const guard = createGuard({
      clock,
      evaluators: [
        {
          name: "judge",
          on: "model",
          mode: "background",
          evaluate: async () => {
            await new Promise((resolve) => setImmediate(resolve)); // the call has ended by then
            clock.advance(25);
            const verdict = verdicts.shift();
            if (verdict === undefined) throw new Error("broken");
            return verdict;
          },
        },
      ],
    });
    const slis = createEvaluationSlis({ clock });
    const stop = slis.follow(guard);
    const ids: string[] = [];
    guard.on("evaluation-completed", ({ callId }) => ids.push(callId ?? ""));
    for (let call = 0; call < 5; call++) {
      await guard.run({ kind: "model", name: "m", provider: "p" }, async () => ({
        value: 1,
        output: "x",
      }));
      while (ids.length <= call) await new Promise((resolve) => setImmediate(resolve));
    }
    const figures = slis.figures("judge");
    expect(figures?.passRate).toMatchObject({ judged: 3, coverage: 0.6, calibrated: false });
    expect(figures?.passRate.estimate).toBeCloseTo(2 / 3, 12);
    expect(figures?.errorRate.estimate).toBeCloseTo(0.2, 12);
    expect(figures?.coverage.estimate).toBeCloseTo(0.6, 12);
    expect(figures?.lagMs).toEqual({ median: 25, p95: 25 });
    expect(slis.label("judge", ids[0] ?? "", false)).toBe(true);
    expect(slis.label("judge", "no such call", true)).toBe(false);
    const wrong = expect.objectContaining({ code: "BR9001" });
    expect(() => slis.label("judge", ids[0] ?? "", true, 0)).toThrow(wrong);
    expect(() => slis.label("judge", ids[0] ?? "", true, Number.NaN)).toThrow(wrong);
    expect(slis.figures("judge")?.passRate.labelled).toBe(1);
    expect([slis.evaluators(), slis.figures("other")]).toEqual([["judge"], undefined]);
    stop();
    await guard.close();
  });

  it("are of the latest evaluations, in bounded memory", async () => {
    let passes = false;
    const guard = createGuard({
      evaluators: [{ name: "e", on: "task", evaluate: () => ({ passed: passes }) }],
    });
    const slis = createEvaluationSlis({ window: 10 });
    slis.follow(guard);
    for (let task = 0; task < 25; task++) {
      passes = task >= 15;
      await guard.task({}, () => "x");
    }
    expect(slis.figures("e")?.passRate).toMatchObject({ estimate: 1, judged: 10 });
    await guard.close();
  });
});
