import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohenKappa } from "./agreement.ts";
import { horvitzThompson } from "./horvitz-thompson.ts";
import { criticalValue, normalQuantile } from "./normal-quantile.ts";
import { type LabelledPair, predictionPowered } from "./prediction-powered.ts";
import { seeded } from "./test-fixture.ts";
import { wilson } from "./wilson.ts";

const RATES = [0.01, 0.02, 0.05, 0.1, 0.2];
const LABELS = [50, 100, 200, 500, 1_000];

function binomial(trials: number, rate: number): number[] {
  const weights = [trials * Math.log1p(-rate)];
  for (let k = 0; k < trials; k++) {
    weights.push(
      (weights[k] ?? 0) + Math.log((trials - k) / (k + 1)) + Math.log(rate / (1 - rate)),
    );
  }
  return weights.map(Math.exp);
}

/** How often Wilson's interval holds the truth: summed over all outcomes, no sampling. */
function exactCoverage(trials: number, rate: number): number {
  return binomial(trials, rate).reduce((sum, weight, k) => {
    const { low, high } = wilson(k, trials);
    return low <= rate && rate <= high ? sum + weight : sum;
  }, 0);
}

function holds({ low, high }: { low: number; high: number }, truth: number): boolean {
  return low <= truth && truth <= high;
}

function shareOf(runs: number, succeeds: () => boolean): number {
  return Array.from({ length: runs }, succeeds).filter(Boolean).length / runs;
}

function draw(trials: number, rate: number, random: () => number): number {
  let successes = 0;
  for (let trial = 0; trial < trials; trial++) if (random() < rate) successes++;
  return successes;
}

describe("the normal quantile", () => {
  it("has the values of tables", () => {
    expect(criticalValue(0.95)).toBeCloseTo(1.959_963_984_540_054, 8);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090_232_306_167_813, 8);
    expect(normalQuantile(0.5)).toBe(0);
  });
});

describe("Wilson's interval", () => {
  it("has the values of the literature", () => {
    // Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    const rounded = (k: number, n: number): number[] =>
      [wilson(k, n).low, wilson(k, n).high].map((value) => Math.round(value * 1e4) / 1e4);
    expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
    expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
    expect(rounded(0, 20)).toEqual([0, 0.1611]);
    expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
  });

  it("refuses counts that cannot be, and a level in per cent", () => {
    expect(() => wilson(5, 3)).toThrow(RangeError);
    expect(() => wilson(-1, 3)).toThrow(RangeError);
    expect(() => wilson(1, 0)).toThrow(RangeError);
    expect(() => wilson(0, Number.NaN)).toThrow(RangeError);
    expect(() => wilson(Number.NaN, 3)).toThrow(RangeError);
    expect(() => wilson(1, 3, 95)).toThrow(RangeError);
  });

  it("knows nothing without trials", () => {
    expect(wilson(0, 0)).toEqual({ estimate: Number.NaN, low: 0, high: 1 });
  });

  it("holds the truth as often as the binomial distribution says, at each rate and size", () => {
    const random = seeded(3);
    const runs = 4_000;
    const points = RATES.flatMap((rate) => [50, 200].map((trials) => ({ rate, trials })));
    for (const { rate, trials } of points) {
      const held = shareOf(runs, () => holds(wilson(draw(trials, rate, random), trials), rate));
      const exact = exactCoverage(trials, rate);
      const error = Math.sqrt((exact * (1 - exact)) / runs);
      expect(Math.abs(held - exact)).toBeLessThan(4 * error);
    }
  });

  it("dips to 91 % at a rate of 1 % and 50 labels, and is near 95 % on average", () => {
    expect(exactCoverage(50, 0.01)).toBeCloseTo(0.9106, 3);
    const all = RATES.flatMap((rate) => LABELS.map((trials) => exactCoverage(trials, rate)));
    expect(Math.min(...all)).toBeGreaterThan(0.91);
    expect(all.reduce((sum, value) => sum + value, 0) / all.length).toBeGreaterThan(0.94);
  });

  it("holds its estimate and stays between 0 and 1", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const { estimate, low, high } = wilson(Math.round(n * share), n);
          expect(low).toBeLessThanOrEqual(estimate + 1e-12);
          expect(high).toBeGreaterThanOrEqual(estimate - 1e-12);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("the prediction-powered estimate", () => {
  /** Shares of good calls that pass, and of bad calls that fail. */
  const judges = [
    [0.9, 0.95],
    [0.7, 0.9],
    [0.99, 0.99],
    [0.6, 0.995],
    [0.5, 0.5],
  ] as const;
  const OTHERS = 10_000;

  function simulate(
    rate: number,
    labels: number,
    [hit, reject]: readonly [number, number],
    random: () => number,
  ) {
    const pairs: LabelledPair[] = [];
    for (let at = 0; at < labels; at++) {
      const human = random() < rate ? 1 : 0;
      const passes = random() < (human === 1 ? hit : 1 - reject);
      pairs.push({ human, judge: passes ? 1 : 0 });
    }
    const mean = rate * hit + (1 - rate) * (1 - reject);
    const spread = Math.sqrt((mean * (1 - mean)) / OTHERS);
    const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return predictionPowered(pairs, { count: OTHERS, mean: mean + gauss * spread });
  }

  it("averages 94 to 96 % over rates, labels and judges, and never falls below 90 %", () => {
    const random = seeded(41);
    const points = RATES.flatMap((rate) =>
      LABELS.flatMap((labels) => judges.map((judge) => ({ rate, labels, judge }))),
    );
    const coverages = points.map(({ rate, labels, judge }) =>
      shareOf(500, () => holds(simulate(rate, labels, judge, random), rate)),
    );
    const mean = coverages.reduce((sum, value) => sum + value, 0) / coverages.length;
    expect(mean).toBeGreaterThan(0.94);
    expect(mean).toBeLessThan(0.96);
    // The lowest true value is Wilson's 91.06 %; three standard errors of 500 runs are 3.8 points.
    expect(Math.min(...coverages)).toBeGreaterThan(0.9106 - 0.038);
  });

  it("holds the truth at the worst point in nine cases of ten", () => {
    const random = seeded(43);
    const held = shareOf(10_000, () => holds(simulate(0.01, 50, [0.9, 0.95], random), 0.01));
    expect(held).toBeGreaterThan(0.9);
  });

  it("is narrower than the labels alone with a good judge, and no wider with a useless one", () => {
    const random = seeded(5);
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    const alone = width(wilson(50, 500));
    const good = simulate(0.1, 500, [0.95, 0.98], random);
    expect(good.method).toBe("prediction-powered");
    expect(width(good)).toBeLessThan(alone * 0.75);
    expect(width(simulate(0.1, 500, [0.5, 0.5], random))).toBeLessThan(alone * 1.3);
  });

  it("corrects a judge that finds twice as much as there is", () => {
    const { estimate, low, high } = simulate(0.1, 1_000, [1, 0.9], seeded(6));
    expect(estimate).toBeCloseTo(0.1, 1);
    expect(low < 0.1 && 0.1 < high).toBe(true);
  });

  it("is Wilson's interval of the labels where good or bad ones are few", () => {
    const pairs = Array.from(
      { length: 100 },
      (_, at): LabelledPair => ({ human: at < 9 ? 1 : 0, judge: at < 9 ? 1 : 0 }),
    );
    const result = predictionPowered(pairs, { count: 5_000, mean: 0.3 });
    expect(result).toEqual({ ...wilson(9, 100), method: "human-only", lambda: 0 });
  });
});

describe("the Horvitz–Thompson estimate", () => {
  it("is Wilson's interval when all probabilities are the same", () => {
    const values = Array.from({ length: 80 }, (_, at) => ({
      value: at < 20 ? 1 : 0,
      probability: 0.1,
    }));
    const { effective, ...interval } = horvitzThompson(values);
    expect(effective).toBeCloseTo(80, 9);
    expect(interval.low).toBeCloseTo(wilson(20, 80).low, 9);
    expect(interval.high).toBeCloseTo(wilson(20, 80).high, 9);
  });

  it("undoes a sample that takes failures ten times as often", () => {
    const random = seeded(8);
    const runs = 400;
    let held = 0;
    let sum = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 2_000 }, () => {
        const value = random() < 0.9 ? 1 : 0;
        return { value, probability: value === 1 ? 0.05 : 0.5 };
      }).filter(({ probability }) => random() < probability);
      const { estimate, low, high } = horvitzThompson(values);
      sum += estimate;
      if (low <= 0.9 && 0.9 <= high) held++;
    }
    expect(sum / runs).toBeCloseTo(0.9, 2);
    expect(held / runs).toBeGreaterThan(0.92);
  });

  it("refuses a probability of 0, which no call that was chosen had", () => {
    expect(() => horvitzThompson([{ value: 1, probability: 0 }])).toThrow(RangeError);
  });
});

describe("Cohen's κ", () => {
  it("and its interval are those of an independent computation", () => {
    // Fleiss, Levin and Paik, formulas 18.11 to 18.14, by cell probabilities.
    const cells = [
      [53, 12],
      [9, 26],
    ] as const;
    const p = cells.map((row) => row.map((count) => count / 100));
    const rows = p.map((row) => (row[0] ?? 0) + (row[1] ?? 0));
    const columns = [0, 1].map((at) => (p[0]?.[at] ?? 0) + (p[1]?.[at] ?? 0));
    const [r0 = 0, r1 = 0] = rows;
    const [c0 = 0, c1 = 0] = columns;
    const expected = r0 * c0 + r1 * c1;
    const kappa = (0.79 - expected) / (1 - expected);
    let a = 0;
    let b = 0;
    for (const i of [0, 1]) {
      a += (p[i]?.[i] ?? 0) * (1 - ((rows[i] ?? 0) + (columns[i] ?? 0)) * (1 - kappa)) ** 2;
      b += (p[i]?.[1 - i] ?? 0) * ((columns[i] ?? 0) + (rows[1 - i] ?? 0)) ** 2;
    }
    b *= (1 - kappa) ** 2;
    const c = (kappa - expected * (1 - kappa)) ** 2;
    const error = Math.sqrt(a + b - c) / ((1 - expected) * Math.sqrt(100));
    const found = cohenKappa({ passedGood: 53, passedBad: 12, failedGood: 9, failedBad: 26 });
    expect(found.estimate).toBeCloseTo(kappa, 12);
    expect(found.low).toBeCloseTo(kappa - 1.959_963_985 * error, 6);
    expect(found.high).toBeCloseTo(kappa + 1.959_963_985 * error, 6);
  });

  it("is unknown when all labels are the same and all pass", () => {
    const { estimate } = cohenKappa({ passedGood: 60, passedBad: 0, failedGood: 0, failedBad: 0 });
    expect(estimate).toBeNaN();
  });
});

describe("an interval of few or equal labels", () => {
  it("is not certain because there was no error", () => {
    const few = cohenKappa({ passedGood: 2, failedBad: 2, passedBad: 0, failedGood: 0 });
    const many = cohenKappa({ passedGood: 500, failedBad: 500, passedBad: 0, failedGood: 0 });
    expect([few.estimate, few.high, many.estimate]).toEqual([1, 1, 1]);
    expect(few.low).toBeLessThan(0.2);
    expect(many.low).toBeGreaterThan(0.98);
  });

  it("is wide where one bad label says it all", () => {
    const { estimate, low } = cohenKappa({
      passedGood: 99,
      failedBad: 1,
      passedBad: 0,
      failedGood: 0,
    });
    expect(estimate).toBe(1);
    expect(low).toBeLessThan(0.6);
  });

  it("holds a κ of 0 of an evaluator that lets everything pass", () => {
    const { estimate, low, high } = cohenKappa({
      passedGood: 50,
      failedBad: 0,
      passedBad: 5,
      failedGood: 0,
    });
    expect([estimate, low < -0.01, high > 0.01]).toEqual([0, true, true]);
  });

  it("is refused for what is no verdict", () => {
    expect(() => horvitzThompson([{ value: Number.NaN, probability: 0.5 }])).toThrow(RangeError);
    expect(() => horvitzThompson([{ value: 2, probability: 0.5 }])).toThrow(RangeError);
    const pair = { human: Number.NaN as 0, judge: 1 };
    expect(() => predictionPowered([pair], { count: 10, mean: 0.5 })).toThrow(RangeError);
  });
});
