import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Calibration, calibrate } from "../calibration/calibrate.ts";
import type { JudgeFunction } from "./judge-model.ts";
import { type ModelJudge, modelJudge } from "./model-judge.ts";

/** A line of `made-up-transcripts.jsonl`: what was asked, the raw answer, and a person's label. */
interface Transcript {
  readonly prompt: string;
  readonly response: string;
  readonly label: string;
}

/**
 * No model and no crowd made these 66 lines; they were written for this test, in the form in which
 * WiCE records its judges. Eleven answers are malformed: words around them, two objects, cut off,
 * nothing at all …
 */
const transcripts: readonly Transcript[] = readFileSync(
  new URL("made-up-transcripts.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Transcript);

const scale = { supported: 1, partially_supported: 0.5, not_supported: 0 };
const THRESHOLD = 0.75; // only the best label passes

const inside = (text: string, tag: string): string =>
  text.slice(text.indexOf(`<${tag}>`) + tag.length + 2, text.indexOf(`</${tag}>`));

/** Answers as was recorded, found by the claim in the fence. */
const replay: JudgeFunction = ({ prompt }) => {
  const asked = transcripts.filter((one) => prompt.includes(`\n${inside(one.prompt, "claim")}\n`));
  if (asked.length !== 1) throw new Error("no recording, or several");
  return { text: asked[0]?.response ?? "" };
};

async function replayed(
  times: number,
): Promise<{ calibration: Calibration; figures: ReturnType<ModelJudge["figures"]> }> {
  const rubric = "groundedness";
  const judge = modelJudge({ model: replay, rubric, scale, threshold: THRESHOLD, retries: 0 });
  const labels = Array.from({ length: times }, () => transcripts)
    .flat()
    .map(({ prompt, label }) => ({
      output: inside(prompt, "claim"),
      context: inside(prompt, "evidence"),
      good: label === "supported",
    }));
  return { calibration: await calibrate({ evaluator: judge, labels }), figures: judge.figures() };
}

/** From here on nothing of the package is used: the raw lines and school-book statistics only. */
interface Row {
  readonly score: number;
  readonly passed: boolean;
  readonly good: boolean;
}

const rows: readonly Row[] = transcripts.flatMap(({ response, label }) => {
  const bare = response.trim().replace(/^```\w*\n|\n```$/g, "");
  if ((bare.match(/"verdict":/g) ?? []).length !== 1) return []; // two verdicts, or none
  try {
    const { reason, verdict, ...more } = JSON.parse(bare) as Record<string, unknown>;
    const known = Object.entries(scale).find(([name]) => name === verdict);
    if (known === undefined || typeof reason !== "string" || Object.keys(more).length > 0)
      return [];
    return [{ score: known[1], passed: known[1] >= THRESHOLD, good: label === "supported" }];
  } catch {
    return [];
  }
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const rate = (those: readonly Row[], of: (row: Row) => boolean): number =>
  mean(those.map((row) => Number(of(row))));
const goodRows = rows.filter((row) => row.good);
const badRows = rows.filter((row) => !row.good);

/** Of the normal distribution, for 95 %. */
const Z = 1.959963984540054;

/**
 * 1 less the disagreement seen over the one of all pairs of a verdict and a label, in which every
 * row counts as much as its weight.
 */
function kappaOf(weights: readonly number[]): number {
  let [seen, byChance, total] = [0, 0, 0];
  for (const [at, row] of rows.entries()) {
    const weight = weights[at] ?? 0;
    total += weight;
    if (row.passed !== row.good) seen += weight;
    for (const [other, { good }] of rows.entries()) {
      if (row.passed !== good) byChance += weight * (weights[other] ?? 0);
    }
  }
  return 1 - (seen * total) / byChance;
}

/** By the infinitesimal jackknife: how much κ moves with the weight of each row, numerically. */
function errorOfKappa(): number {
  const step = 1e-4;
  const slopes = rows.map((_, moved) => {
    const at = (by: number) => kappaOf(rows.map((_, row) => (row === moved ? 1 + by : 1)));
    return (at(step) - at(-step)) / (2 * step);
  });
  return Math.sqrt(slopes.reduce((sum, slope) => sum + slope * slope, 0));
}

/** Wilson's interval as what it is: all rates that a test of 5 % would not reject, by halving. */
function notRejected(share: number, n: number): readonly [low: number, high: number] {
  const edge = (outside: number): number => {
    let [near, far] = [share, outside];
    for (let step = 0; step < 60; step++) {
      const middle = (near + far) / 2;
      const isRejected = Math.abs(share - middle) > Z * Math.sqrt((middle * (1 - middle)) / n);
      if (isRejected) far = middle;
      else near = middle;
    }
    return near;
  };
  return [edge(0), edge(1)];
}

/** Balanced accuracy of a threshold: the chance that it tells a good row and a bad one rightly. */
function accuracyOf(threshold: number, good: readonly Row[], bad: readonly Row[]): number {
  const pairs = good.flatMap((one) => bad.map((other) => [one.score, other.score] as const));
  return mean(
    pairs.map(([one, other]) => (Number(one >= threshold) + Number(other < threshold)) / 2),
  );
}

/** Each fifth of either class judged at what `fit` makes of the other four. */
function heldOut(all: readonly Row[], fit: (rest: readonly Row[]) => number) {
  const numbered = all.map((row, at) => {
    const before = all.slice(0, at).filter(({ good }) => good === row.good).length;
    return { row, fold: before % 5 };
  });
  const verdicts = numbered.map(({ row, fold }) => {
    const rest = numbered.filter((other) => other.fold !== fold).map((other) => other.row);
    return { ...row, passed: row.score >= fit(rest) };
  });
  const count = (passed: boolean, good: boolean): number =>
    verdicts.filter((row) => row.passed === passed && row.good === good).length;
  return {
    passedGood: count(true, true),
    failedBad: count(false, false),
    passedBad: count(true, false),
    failedGood: count(false, true),
  };
}

function expectInterval(
  found: { low: number; high: number },
  [low, high]: readonly [number, number],
): void {
  expect(found.low).toBeCloseTo(low, 7);
  expect(found.high).toBeCloseTo(high, 7);
}

describe("recorded answers of a judge", () => {
  it("replay to the confusion that the raw lines have, malformed answers unjudged", async () => {
    const { calibration, figures } = await replayed(1);
    expect(calibration.confusion).toEqual({
      passedGood: rows.filter(({ passed, good }) => passed && good).length,
      failedBad: rows.filter(({ passed, good }) => !passed && !good).length,
      passedBad: rows.filter(({ passed, good }) => passed && !good).length,
      failedGood: rows.filter(({ passed, good }) => !passed && good).length,
    });
    expect(calibration).toMatchObject({ labelled: 66, judged: rows.length });
    expect(calibration.coverage.estimate).toBeCloseTo(rows.length / 66, 12);
    expectInterval(calibration.coverage, notRejected(rows.length / 66, 66));
    expect(figures).toMatchObject({ calls: 66, unreadable: 11 });
  });

  it("give the κ and the interval of an independent computation", async () => {
    const { kappa, mayBlock, objection } = (await replayed(1)).calibration;
    const expected = kappaOf(rows.map(() => 1));
    const reach = Z * errorOfKappa();
    expect(kappa.estimate).toBeCloseTo(expected, 12);
    expectInterval(kappa, [expected - reach, expected + reach]);
    expect(mayBlock).toBe(false);
    expect(objection).toBe(`κ is ${expected.toFixed(2)}, below 0.6`);
  });

  it("give the balanced accuracy of an independent computation, and the intervals of both rates", async () => {
    const { passRateOfGood, failRateOfBad, balancedAccuracy } = (await replayed(1)).calibration;
    const passes = rate(goodRows, (row) => row.passed);
    const fails = rate(badRows, (row) => !row.passed);
    expect(passRateOfGood.estimate).toBeCloseTo(passes, 12);
    expect(failRateOfBad.estimate).toBeCloseTo(fails, 12);
    const ofGood = notRejected(passes, goodRows.length);
    const ofBad = notRejected(fails, badRows.length);
    expectInterval(passRateOfGood, ofGood);
    expectInterval(failRateOfBad, ofBad);
    const accuracy = accuracyOf(THRESHOLD, goodRows, badRows);
    expect(balancedAccuracy.estimate).toBeCloseTo(accuracy, 12);
    // Each side: the half distances of the two rates to their bounds, at right angles.
    expectInterval(balancedAccuracy, [
      accuracy - Math.sqrt((passes - ofGood[0]) ** 2 + (fails - ofBad[0]) ** 2) / 2,
      accuracy + Math.sqrt((passes - ofGood[1]) ** 2 + (fails - ofBad[1]) ** 2) / 2,
    ]);
  });

  it("give, from few labels, the threshold halfway between the means, and what it is worth", async () => {
    const { fitted } = (await replayed(1)).calibration;
    // The mean of all scores, each counted the more the rarer its class.
    const halfway = (those: readonly Row[]): number => {
      const share = mean(those.map(({ good }) => Number(good)));
      return mean(those.map(({ score, good }) => score / (good ? share : 1 - share))) / 2;
    };
    expect(fitted?.threshold).toBeCloseTo(halfway(rows), 12);
    expect(fitted?.confusion).toEqual(heldOut(rows, halfway));
  });

  it("give, from many labels, the threshold that tells most, of all that there are", async () => {
    const { fitted, judged } = (await replayed(4)).calibration;
    const many = [rows, rows, rows, rows].flat();
    const best = (those: readonly Row[]): number => {
      const good = those.filter((row) => row.good);
      const bad = those.filter((row) => !row.good);
      const [least, most] = [0.25, 0.75].map((at) => accuracyOf(at, good, bad));
      return (least ?? 0) >= (most ?? 0) ? 0.25 : 0.75;
    };
    expect(judged).toBe(many.length);
    expect(fitted?.threshold).toBe(best(many));
    expect(fitted?.confusion).toEqual(heldOut(many, best));
  });
});
