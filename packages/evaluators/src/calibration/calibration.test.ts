import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuard } from "@burnrate/core";
import { afterAll, describe, expect, it } from "vitest";
import type { TextEvaluator } from "../evaluator.ts";
import { jury } from "../judge/jury.ts";
import { type ModelJudgeOptions, modelJudge } from "../judge/model-judge.ts";
import { answer } from "../judge/test-fixture.ts";
import { horvitzThompson } from "../statistics/horvitz-thompson.ts";
import { seeded } from "../statistics/test-fixture.ts";
import { suite } from "../suites/suite.ts";
import { calibrate } from "./calibrate.ts";
import { driftCheck } from "./drift-check.ts";
import type { LabelledItem } from "./label.ts";
import { parseLabels, readLabels } from "./read-labels.ts";
import { createReviewSampler } from "./review-sampler.ts";
import { toBlocking } from "./to-blocking.ts";

const folder = mkdtempSync(join(tmpdir(), "labels-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Passes what starts with `y`; unsure of what starts with `?`. */
const firstLetter: TextEvaluator = {
  name: "first-letter",
  on: "model",
  evaluate: ({ output }) => {
    const text = String(output);
    if (text.startsWith("?")) return { label: "inconclusive", reason: "?" };
    if (text.startsWith("!")) throw new Error("broken");
    const passed = text.startsWith("y");
    return { passed, score: passed ? 1 : 0, label: "", reason: "" };
  },
};

function labels(
  counts: Readonly<Record<string, readonly [good: number, bad: number]>>,
): LabelledItem[] {
  return Object.entries(counts).flatMap(([output, [good, bad]]) => [
    ...Array.from({ length: good }, () => ({ output, good: true })),
    ...Array.from({ length: bad }, () => ({ output, good: false })),
  ]);
}

describe("calibrate", () => {
  it("counts what an evaluator and people say, and what it could not judge", async () => {
    const items = labels({ y: [40, 5], n: [5, 30], "?": [3, 3], "!": [2, 2] });
    const calibration = await calibrate({ evaluator: firstLetter, labels: items });
    expect(calibration).toMatchObject({
      evaluator: "first-letter",
      labelled: 90,
      judged: 80,
      confusion: { passedGood: 40, passedBad: 5, failedGood: 5, failedBad: 30 },
      mayBlock: true,
      objection: undefined,
    });
    expect(calibration.balancedAccuracy.estimate).toBeCloseTo((40 / 45 + 30 / 35) / 2, 12);
    expect(calibration.kappa.estimate).toBeCloseTo(0.746, 3);
    expect(calibration.coverage.estimate).toBeCloseTo(80 / 90, 12);
  });

  it.each([
    ["fewer than 50 judged labels", { y: [24, 0], n: [0, 25], "?": [9, 9] }, "49 labels"],
    ["a κ below 0.6", { y: [30, 12], n: [10, 28] }, "κ is 0.4"],
    ["labels that all say the same", { y: [60, 0] }, "0 of the labels that were judged are bad"],
    ["4 bad labels among 50, all told", { y: [46, 0], n: [0, 4] }, "4 of the labels that were"],
    ["4 good labels among 50, all told", { y: [4, 0], n: [0, 46] }, "are good, fewer than 5"],
  ] as const)("does not let an evaluator block with %s", async (_, counts, objection) => {
    const calibration = await calibrate({ evaluator: firstLetter, labels: labels(counts) });
    expect(calibration.mayBlock).toBe(false);
    expect(calibration.objection).toContain(objection);
    expect(() => toBlocking(firstLetter, calibration)).toThrow(
      expect.objectContaining({ code: "BR9001", message: expect.stringContaining(objection) }),
    );
    expect(toBlocking(firstLetter, calibration, { evenIfUnfit: true })).toMatchObject({
      required: true,
    });
  });

  it("lets an evaluator block with a κ of exactly 0.6, however it is rounded", async () => {
    const { kappa, mayBlock } = await calibrate({
      evaluator: firstLetter,
      labels: labels({ y: [42, 3], n: [3, 6] }),
    });
    expect(kappa.estimate).toBeLessThan(0.6);
    expect(mayBlock).toBe(true);
  });

  it("lets an evaluator block with 5 bad labels among 50", async () => {
    const items = labels({ y: [45, 0], n: [0, 5] });
    expect((await calibrate({ evaluator: firstLetter, labels: items })).mayBlock).toBe(true);
  });

  it("finds the threshold of a score that has the wrong one, and is honest about noise", async () => {
    const random = seeded(2);
    const evaluator: TextEvaluator = {
      ...firstLetter,
      evaluate: ({ output }) => ({ passed: true, score: Number(output), label: "", reason: "" }),
    };
    const item = (good: boolean, score: number): LabelledItem => ({ output: score, good });
    const useful = Array.from({ length: 200 }, (_, at) =>
      item(at % 2 === 0, (at % 2 === 0 ? 0.1 : 0) + random() * 0.12),
    );
    const noise = Array.from({ length: 60 }, (_, at) => item(at % 2 === 0, random()));
    const { fitted, mayBlock } = await calibrate({ evaluator, labels: useful });
    expect(mayBlock).toBe(false);
    expect(fitted?.threshold).toBeGreaterThan(0.08);
    expect(fitted?.threshold).toBeLessThan(0.14);
    expect(fitted?.objection).toBeUndefined();
    const chance = (await calibrate({ evaluator, labels: noise })).fitted?.balancedAccuracy;
    expect(chance?.low).toBeLessThan(0.5);
    expect(chance?.high).toBeGreaterThan(0.5);
    const calibration = await calibrate({ evaluator, labels: useful });
    const blocking = toBlocking(evaluator, calibration, { threshold: "fitted" });
    const verdicts = await Promise.all([0.05, 0.2].map((output) => blocking.evaluate({ output })));
    expect(verdicts.map(({ passed }) => passed)).toEqual([false, true]);
  });

  it("tells from 220 labels what the very way of fitting is worth that the threshold came by", async () => {
    const score: TextEvaluator = {
      name: "score",
      on: "model",
      evaluate: ({ output }) => ({ passed: true, score: Number(output), label: "", reason: "" }),
    };
    // Halfway between the means lies .54, which a third of the good ones miss; .4 tells nearly all.
    const counted = labels({ 1: [77, 0], 0.42: [33, 0], 0.38: [0, 99], 0.5: [0, 11] });
    const { fitted } = await calibrate({ evaluator: score, labels: counted });
    expect(fitted?.threshold).toBeCloseTo(0.4);
    expect(fitted?.confusion).toEqual({
      passedGood: 110,
      failedBad: 99,
      passedBad: 11,
      failedGood: 0,
    });
  });

  it("refuses a calibration of another evaluator", async () => {
    const calibration = await calibrate({
      evaluator: firstLetter,
      labels: labels({ y: [40, 0], n: [0, 40] }),
    });
    const other = { ...firstLetter, name: "other" };
    expect(() => toBlocking(other, calibration)).toThrow(/that of other/u);
    const misspelt = { treshold: "fitted" } as never;
    expect(() => toBlocking(firstLetter, calibration, misspelt)).toThrow(/BR9001.*threshold/u);
    expect(() => toBlocking(firstLetter, undefined as never)).toThrow(/BR9001.*calibration/u);
    const drift = driftCheck({ evaluator: other, canaries: labels({ y: [1, 0] }), calibration });
    await expect(drift).rejects.toThrow(/that of other/u);
  });

  it("counts what hangs, or has a score that a guard would call an error, as not judged", async () => {
    const evaluator = {
      name: "e",
      timeoutMs: 5,
      evaluate: ({ output }: { output: unknown }) =>
        output === "?" ? new Promise<never>(() => {}) : { passed: true, score: Number(output) },
    };
    const items = labels({ "?": [1, 0], 1: [1, 0], 2: [1, 0], "-1": [0, 1] });
    expect(await calibrate({ evaluator, labels: items })).toMatchObject({ labelled: 4, judged: 1 });
  });

  it("takes an evaluator that has verdicts and no scores, and believes no NaN", async () => {
    const verdicts = [{ passed: true }, { passed: false }, { passed: true, score: Number.NaN }, {}];
    const evaluator = { name: "e", evaluate: () => verdicts.shift() ?? {} };
    const items = labels({ y: [2, 2] });
    const calibration = await calibrate({ evaluator, labels: items, concurrency: 1 });
    expect(calibration).toMatchObject({ labelled: 4, judged: 2 });
    expect(calibration.confusion).toMatchObject({ passedGood: 1, failedGood: 1 });
  });

  it("reads a label file", async () => {
    const path = join(folder, "labels.jsonl");
    writeFileSync(
      path,
      '\ufeff{"id":"a","output":"yes","good":true,"context":["c"]}\n\n{"output":"no","good":false}\n',
    );
    expect(await calibrate({ evaluator: firstLetter, labels: path })).toMatchObject({
      labelled: 2,
    });
  });
});

describe("a wrong label file", () => {
  it.each([
    ["no JSON", '{"output":"a","good":true}\n{"secret"', "f.jsonl:2 is no JSON."],
    ["no object", "[1]", "f.jsonl:1 is no JSON object"],
    ["no output", '{"good":true}', "f.jsonl:1 has no output"],
    ["no verdict", '{"output":"a"}', "f.jsonl:1 has no good"],
    ["a verdict in words", '{"output":"a","good":"secret"}', "f.jsonl:1 has no good"],
    ["an unknown field", '{"output":"a","good":true,"secret":1}', "f.jsonl:1 has a field"],
    [
      "an id twice",
      '{"id":"a","output":"a","good":true}\n{"id":"a","output":"a","good":true}',
      "f.jsonl:2 has the id of line 1",
    ],
    ["nothing in it", "\n", "f.jsonl has no labels"],
    ["no text at all", undefined as never, "f.jsonl is no text"],
  ])("with %s is named with its line, and not quoted", (_, text, message) => {
    const error = expect.objectContaining({
      code: "BR9001",
      message: expect.stringContaining(message),
    });
    expect(() => parseLabels(text, "f.jsonl")).toThrow(error);
    expect(() => parseLabels(text, "f.jsonl")).not.toThrow(/secret/u);
  });

  it("that does not exist is named", async () => {
    await expect(readLabels(join(folder, "none.jsonl"))).rejects.toThrow(
      /none\.jsonl cannot be read/u,
    );
  });
});

describe("driftCheck", () => {
  const canaries = labels({ y: [20, 0], n: [0, 20] });
  const changed = (wrong: number): LabelledItem[] => [...canaries, ...labels({ y: [0, wrong] })];

  it("is quiet while known verdicts stay", async () => {
    expect(await driftCheck({ evaluator: firstLetter, canaries })).toMatchObject({
      drifted: false,
      wrong: [],
    });
  });

  it("names each verdict that changed, and each that is missing", async () => {
    const report = await driftCheck({
      evaluator: firstLetter,
      canaries: [...changed(1), { id: "c", output: "?", good: true }],
    });
    expect(report).toMatchObject({
      drifted: true,
      wrong: ["41", "c"],
      canaries: 42,
      probability: 0,
    });
  });

  it("allows as many errors as the calibration had, not more", async () => {
    const calibration = await calibrate({
      evaluator: firstLetter,
      labels: labels({ y: [45, 5], n: [5, 45] }),
    });
    const check = async (wrong: number) =>
      driftCheck({ evaluator: firstLetter, canaries: changed(wrong), calibration });
    expect(await check(5)).toMatchObject({ drifted: false });
    expect(await check(15)).toMatchObject({ drifted: true });
    // 20 good and 25 bad canaries, integrated by hand over the rates that 5 of 50 errors leave
    // open.
    expect((await check(5)).probability).toBeCloseTo(0.517, 3);
  });
});

it("driftCheck compares one that blocks by the fitted threshold with what was counted there", async () => {
  let isBroken = false;
  const evaluator: TextEvaluator = {
    name: "lenient", // all pass by its own threshold
    on: "model",
    evaluate: ({ output }) => {
      const isGood = String(output).startsWith("y");
      const score = isGood || isBroken ? 0.9 : 0.6;
      return { passed: true, score, label: "passed", reason: "" };
    },
  };
  const items = labels({ y: [50, 0], n: [0, 50] });
  const canaries = items.filter((_, at) => at % 5 === 0);
  const calibration = await calibrate({ evaluator, labels: items });
  const blocking = toBlocking(evaluator, calibration, { threshold: "fitted" });
  const drifted = async () =>
    (await driftCheck({ evaluator: { ...blocking }, canaries, calibration })).drifted;
  expect(await drifted()).toBe(false);
  isBroken = true;
  expect(await drifted()).toBe(true);
});

describe("driftCheck on an evaluator that is as it was", () => {
  const check = (calibrated: LabelledItem[], canaries: LabelledItem[]) =>
    calibrate({ evaluator: firstLetter, labels: calibrated }).then((calibration) =>
      driftCheck({ evaluator: firstLetter, canaries, calibration }),
    );

  it("is quiet when bad canaries, of which it always missed some, are many", async () => {
    const calibrated = labels({ y: [90, 4], n: [0, 6] }); // four of ten bad ones pass
    const report = await check(calibrated, labels({ y: [4, 14], n: [0, 22] }));
    expect(report).toMatchObject({ drifted: false, canaries: 40 });
    expect((await check(calibrated, labels({ y: [30, 4], n: [6, 0] }))).drifted).toBe(true);
  });

  it("is quiet at a first error after a calibration without any, and not at a fourth", async () => {
    const calibrated = labels({ y: [50, 0], n: [0, 50] });
    expect(await check(calibrated, labels({ y: [20, 1], n: [0, 19] }))).toMatchObject({
      drifted: false,
      wrong: ["21"],
    });
    expect((await check(calibrated, labels({ y: [20, 4], n: [0, 16] }))).drifted).toBe(true);
  });
});

describe("a judge with a cache", () => {
  const items = labels({ y: [25, 0], n: [0, 25] }).map((item, at) => ({
    ...item,
    output: `${item.output}${at}`,
  }));
  const setUp = (run: Partial<ModelJudgeOptions> = {}) => {
    let changed = false;
    const judge = modelJudge({
      model: ({ prompt }) => ({ text: answer(changed || /\by\d/u.test(prompt) ? "pass" : "fail") }),
      ...{ rubric: "safety", ...run },
    });
    return { judge, change: () => (changed = true) };
  };

  it("is asked anew by driftCheck, also inside of a suite or a jury", async () => {
    for (const wrap of [
      (judge: TextEvaluator) => judge,
      (judge: TextEvaluator) => suite({ name: "s", criteria: [{ evaluator: judge }] }),
      (judge: TextEvaluator) => jury({ name: "j", judges: [judge, judge] }),
    ]) {
      const { judge, change } = setUp();
      const evaluator = wrap(judge);
      const calibration = await calibrate({ evaluator, labels: items });
      expect((await driftCheck({ evaluator, canaries: items, calibration })).drifted).toBe(false);
      change(); // the model behind the same name
      expect((await driftCheck({ evaluator, canaries: items, calibration })).drifted).toBe(true);
      // What was heard last is what the cache tells from now on.
      expect(await evaluator.evaluate({ output: items[49]?.output })).toMatchObject({
        passed: true,
      });
    }
  });

  it("blocks every call once it may, not the share that it was watched with", async () => {
    const { judge } = setUp({ mode: "background", sample: 0.1 });
    const calibration = await calibrate({ evaluator: judge, labels: items });
    const guard = createGuard({ evaluators: [toBlocking(judge, calibration)] });
    const call = { kind: "model", provider: "p", name: "m" } as const;
    for (let at = 0; at < 30; at++) {
      const refused = guard.run(call, () => ({ value: 1, output: `no${at}` }));
      await expect(refused).rejects.toMatchObject({ code: "BR6001" });
    }
    await guard.close();
  });
});

describe("a blocking evaluator at a fitted threshold", () => {
  const share: TextEvaluator = {
    name: "share",
    on: "model",
    evaluate: ({ output }) => {
      const score = String(output).split("y").length / 50;
      return { passed: score > 0.1, score, label: "share", reason: "" };
    },
  };

  it("fails no part of a stream that passes as a whole", async () => {
    const labelled = Array.from({ length: 60 }, (_, at) => ({
      output: at % 2 === 0 ? "y".repeat(40) : "y".repeat(20),
      good: at % 2 === 0,
    }));
    const calibration = await calibrate({ evaluator: share, labels: labelled });
    const blocking = toBlocking(share, calibration, { threshold: "fitted" });
    const output = "y".repeat(20);
    expect(await blocking.evaluate({ output: `${output}${output}` })).toMatchObject({
      passed: true,
    });
    expect((await blocking.evaluate({ output, partial: true })).label).toBe("inconclusive");
    expect(await blocking.evaluate({ output })).toMatchObject({ label: "below-threshold" });
  });
});

describe("what cannot be calibrated or checked", () => {
  const evaluator = firstLetter;
  const canaries = [{ output: "y", good: true }];

  it.each<[string, () => Promise<unknown>, string]>([
    ["no options", () => calibrate(undefined as never), "calibrate()"],
    [
      "a misspelt option",
      () => calibrate({ evaluator, labels: canaries, concurency: 1 } as never),
      "concurrency",
    ],
    ["no canaries", () => driftCheck({ evaluator, canaries: [] }), "at least one label"],
    [
      "canaries without a verdict",
      () => driftCheck({ evaluator, canaries: [{ output: "y", good: "yes" as never }] }),
      "canaries[0].good",
    ],
    [
      "labels without an output",
      () => calibrate({ evaluator, labels: [...canaries, { good: true } as never] }),
      "labels[1].output",
    ],
    ["no evaluator", () => driftCheck({ canaries } as never), "driftCheck().evaluator"],
    ["a misspelt level", () => driftCheck({ evaluator, canaries, alfa: 0.1 } as never), "alpha"],
  ])("is refused: %s", async (_, act, hint) => {
    await expect(act()).rejects.toMatchObject({
      code: "BR9001",
      message: expect.stringContaining(hint),
    });
  });

  it("has no balanced accuracy where all labels are good, instead of a wrong one", async () => {
    const labels = Array.from({ length: 60 }, () => ({ output: "y", good: true }));
    const { balancedAccuracy, mayBlock } = await calibrate({ evaluator, labels });
    expect([balancedAccuracy.estimate, balancedAccuracy.low, balancedAccuracy.high]).toEqual([
      Number.NaN,
      0,
      1,
    ]);
    expect(mayBlock).toBe(false);
  });
});

describe("the sampler for review", () => {
  it("takes what failed more often, and its probabilities undo that", () => {
    const sampler = createReviewSampler({ passed: 0.05, failed: 0.5 }, "salt");
    const calls = Array.from({ length: 20_000 }, (_, at) => ({
      id: `call-${at}`,
      good: at % 10 !== 0,
    }));
    const chosen = calls.flatMap(({ id, good }) => {
      const choice = sampler(id, good);
      return choice.chosen ? [{ value: good ? 1 : 0, probability: choice.probability }] : [];
    });
    expect(chosen.filter(({ value }) => value === 0).length / 2_000).toBeCloseTo(0.5, 1);
    expect(chosen.filter(({ value }) => value === 1).length / 18_000).toBeCloseTo(0.05, 2);
    const { estimate, low, high } = horvitzThompson(chosen);
    expect(estimate).toBeCloseTo(0.9, 1);
    expect(low < 0.9 && 0.9 < high).toBe(true);
  });

  it("chooses the same calls again, among them those of a lower rate", () => {
    const ids = Array.from({ length: 1_000 }, (_, at) => `call-${at}`);
    const chosen = (failed: number, salt = "a"): string[] => {
      const sampler = createReviewSampler({ failed }, salt);
      return ids.filter((id) => sampler(id, false).chosen);
    };
    expect(chosen(0.3)).toEqual(chosen(0.3));
    expect(chosen(0.3)).toEqual(expect.arrayContaining(chosen(0.1)));
    expect(chosen(0.3, "b")).not.toEqual(chosen(0.3));
  });

  it("refuses a rate of 0, about which no label could say anything", () => {
    expect(() => createReviewSampler({ passed: 0 }, "salt")).toThrow(
      expect.objectContaining({ code: "BR9001" }),
    );
  });
});
