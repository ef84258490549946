import { describe, expect, it } from "vitest";
import { calibrate } from "../calibration/calibrate.ts";
import type { LabelledItem } from "../calibration/label.ts";
import type { JudgeFunction } from "./judge-model.ts";
import { modelJudge } from "./model-judge.ts";
import { answer } from "./test-fixture.ts";

/** Answers that a judge once gave, with what people said: made up, in the form of real ones. */
const COUNTS: readonly (readonly [verdict: string, good: boolean, count: number])[] = [
  ["supported", true, 41],
  ["supported", false, 19],
  ["partially_supported", true, 7],
  ["partially_supported", false, 23],
  ["not_supported", true, 3],
  ["not_supported", false, 17],
];
const UNREADABLE = 5;
const scale = { supported: 1, partially_supported: 0.5, not_supported: 0 };

const transcripts = COUNTS.flatMap(([verdict, good, count]) =>
  Array.from({ length: count }, () => ({ text: answer(verdict), good })),
);
const broken = Array.from({ length: UNREADABLE }, (_, at) => ({ text: "supported", good: at < 2 }));
const items = [...transcripts, ...broken].map(({ text, good }, at) => ({
  text,
  item: { output: `Claim ${at}.`, context: `Evidence ${at}.`, good } satisfies LabelledItem,
}));

/** Finds the answer by what stands in the fences. */
const replay: JudgeFunction = ({ prompt }) => {
  const [, at = ""] = /\nClaim (\d+)\.\n/u.exec(prompt) ?? [];
  return { text: items[Number(at)]?.text ?? "" };
};

/** Of the normal distribution, for 95 %. */
const Z = 1.959963984540054;

/** Wilson's interval as in Newcombe (1998), method 3, written anew. */
function newcombe(successes: number, n: number): readonly [number, number] {
  const q = n - successes;
  const root = Z * Math.sqrt(Z * Z + (4 * successes * q) / n);
  const low = (2 * successes + Z * Z - root) / (2 * (n + Z * Z));
  return [low, (2 * successes + Z * Z + root) / (2 * (n + Z * Z))];
}

/**
 * Cohen's κ of shares, and its standard error by the delta method with numeric derivatives: no
 * formula for the variance is taken from anywhere.
 */
function kappaOf(counts: readonly number[]): { kappa: number; se: number } {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => count / n);
  const point = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): number => {
    const total = a + b + c + d;
    const expected = ((a + b) * (a + c) + (c + d) * (b + d)) / total;
    return (a + d - expected) / (total - expected);
  };
  const step = 1e-5;
  const slopes = shares.map((_, cell) => {
    const moved = (by: number): number =>
      point(shares.map((share, at) => (at === cell ? share + by : share)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
  const mean = slopes.reduce((sum, slope, at) => sum + slope * (shares[at] ?? 0), 0);
  const square = slopes.reduce((sum, slope, at) => sum + slope * slope * (shares[at] ?? 0), 0);
  return { kappa: point(shares), se: Math.sqrt((square - mean * mean) / n) };
}

describe("answers that a judge once gave", () => {
  it("replay to the same κ and intervals as computed by other formulas", async () => {
    const judge = modelJudge({
      model: replay,
      rubric: "groundedness",
      scale,
      threshold: 0.75,
      retries: 0,
    });
    const calibration = await calibrate({
      evaluator: judge,
      labels: items.map(({ item }) => item),
    });
    const { kappa, se } = kappaOf([41, 19, 10, 40]); // passed good, passed bad, failed good, failed bad
    expect(calibration.confusion).toEqual({
      passedGood: 41,
      passedBad: 19,
      failedGood: 10,
      failedBad: 40,
    });
    expect(calibration.kappa.estimate).toBeCloseTo(kappa, 12);
    expect(calibration.kappa.low).toBeCloseTo(kappa - Z * se, 7);
    expect(calibration.kappa.high).toBeCloseTo(kappa + Z * se, 7);
    const rates = [
      [calibration.passRateOfGood, newcombe(41, 51)],
      [calibration.failRateOfBad, newcombe(40, 59)],
      [calibration.coverage, newcombe(110, 115)],
    ] as const;
    for (const [interval, [low, high]] of rates) {
      expect(interval.low).toBeCloseTo(low, 8);
      expect(interval.high).toBeCloseTo(high, 8);
    }
    expect(calibration).toMatchObject({ labelled: 115, judged: 110, mayBlock: false });
    expect(calibration.objection).toContain("κ is 0.4");
    expect(judge.figures()).toMatchObject({ calls: 115, unreadable: UNREADABLE });
  });
});
