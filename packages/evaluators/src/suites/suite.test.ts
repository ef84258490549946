import { createGuard, type Evaluation } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrate } from "../calibration/calibrate.ts";
import { toBlocking } from "../calibration/to-blocking.ts";
import { exactMatch } from "../rules/exact-match.ts";
import { piiLeak } from "../rules/pii-leak.ts";
import type { Criterion, CriterionEvaluator } from "./criterion.ts";
import { type Suite, suite } from "./suite.ts";

const of = (
  name: string,
  evaluate: CriterionEvaluator["evaluate"],
  more: Partial<CriterionEvaluator> = {},
): CriterionEvaluator => ({ name, on: "model", evaluate, ...more });
const saying = (name: string, said: Evaluation): CriterionEvaluator => of(name, () => said);
const good = saying("good", { passed: true, score: 1 });
const half = saying("half", { passed: true, score: 0.5 });
const bad = saying("bad", { passed: false, score: 0, label: "awful", reason: "it rhymes" });
const unsure = saying("unsure", { reason: "nothing to compare with" });
const broken = of("broken", () => {
  throw new Error("no model");
});
const given = { output: "an answer" };
const made = (criteria: readonly Criterion[], more: object = {}): Suite =>
  suite({ name: "answers", criteria, ...more });

describe("a suite's verdict", () => {
  it("is the mean of what was measured, by weight", async () => {
    const criteria = [{ evaluator: good, weight: 3 }, { evaluator: bad }, { evaluator: unsure }];
    expect(await made(criteria).evaluate(given)).toEqual({
      passed: true,
      score: 0.75,
      label: "passed",
      reason:
        "failed: bad (awful: it rhymes); not measured: unsure (unsure: nothing to compare with)",
    });
    expect(await made(criteria, { threshold: 0.76 }).evaluate(given)).toMatchObject({
      passed: false,
      score: 0.75,
      label: "below-threshold",
    });
  });

  it("is one where half of the weight was measured, however the weights are rounded", async () => {
    const criteria = ["a", "b", "c", "d", "e", "f"].map((name, at) => ({
      evaluator: at < 3 ? { ...good, name } : { ...unsure, name },
      weight: 0.3,
    }));
    expect(await made(criteria).evaluate(given)).toMatchObject({ passed: true });
    const less = await made(criteria, { minCoverage: 0.51 }).evaluate(given);
    expect(less.label).toBe("inconclusive");
  });

  it("is no less than what each of them scored", async () => {
    const criteria = ["a", "b", "c"].map((name) => ({
      evaluator: saying(name, { passed: true, score: 0.7 }),
    }));
    expect(await made(criteria, { threshold: 0.7 }).evaluate(given)).toMatchObject({
      passed: true,
      score: 0.7,
    });
  });

  it("counts an evaluator without a score as 1 or 0", async () => {
    const yes = saying("yes", { passed: true });
    const no = saying("no", { passed: false });
    const verdict = await made([{ evaluator: yes }, { evaluator: no }]).evaluate(given);
    expect(verdict.score).toBe(0.5);
  });

  it("is a failure with score 0 when a required criterion fails, however good the rest", async () => {
    const criteria = [
      { evaluator: good, weight: 100 },
      { evaluator: bad, required: true },
    ];
    expect(await made(criteria, { threshold: 0 }).evaluate(given)).toEqual({
      passed: false,
      score: 0,
      label: "required-failed",
      reason: "required and failed: bad (awful: it rhymes)",
    });
  });

  it.each([
    ["is unsure", unsure, "unsure (unsure: nothing to compare with)"],
    ["throws", broken, "broken (error: it threw)"],
    ["answers nonsense", saying("odd", 7 as never), "odd (error: it answered no verdict)"],
    ["scores NaN", saying("odd", { passed: true, score: Number.NaN }), "odd (error: "],
    ["scores 2", saying("odd", { passed: true, score: 2 }), "odd (error: "],
    ["almost says yes", saying("odd", { passed: "yes" as never }), "odd (error: "],
  ])("is inconclusive when a required criterion %s", async (_, evaluator, reason) => {
    const verdict = await made([{ evaluator: good }, { evaluator, required: true }]).evaluate(
      given,
    );
    expect(verdict).toMatchObject({ label: "inconclusive" });
    expect(verdict.reason).toContain(`required and not measured: ${reason}`);
    expect(verdict.score).toBeUndefined();
  });

  it("is a failure when one required criterion fails and another is unsure", async () => {
    const required = [unsure, bad].map((evaluator) => ({ evaluator, required: true }));
    const verdict = await made([{ evaluator: good }, ...required]).evaluate(given);
    expect(verdict.label).toBe("required-failed");
  });

  it("is inconclusive when too little of the weight was measured", async () => {
    const criteria = [{ evaluator: good }, { evaluator: unsure, weight: 3 }];
    expect(await made(criteria).evaluate(given)).toEqual({
      label: "inconclusive",
      reason:
        "25 % of the weight was measured; not measured: unsure (unsure: nothing to compare with)",
    });
    expect(await made(criteria, { minCoverage: 0.25 }).evaluate(given)).toMatchObject({ score: 1 });
    const nothing = made([{ evaluator: unsure }], { minCoverage: 0, threshold: 0 });
    expect(await nothing.evaluate(given)).toMatchObject({ label: "inconclusive" });
  });

  it("takes an evaluator's own word for being required, and a weight of 0 for a gate", async () => {
    const gate = { evaluator: piiLeak({ required: true }), weight: 0 };
    const gated = made([gate, { evaluator: half }]);
    expect(await gated.evaluate(given)).toMatchObject({ passed: true, score: 0.5 });
    expect(await gated.evaluate({ output: "jo@x.example" })).toMatchObject({ passed: false });
  });
});

describe("by hand", () => {
  it("tells what became of each criterion", async () => {
    const criteria = [{ evaluator: bad, weight: 2, required: true }, { evaluator: broken }];
    const about = { required: false, weight: 1, score: undefined, label: undefined };
    expect(await made(criteria).judge(given)).toEqual([
      {
        name: "bad",
        required: true,
        weight: 2,
        status: "failed",
        score: 0,
        label: "awful",
        reason: "it rhymes",
      },
      {
        ...about,
        name: "broken",
        status: "error",
        reason: "it threw",
        error: new Error("no model"),
      },
    ]);
  });

  it("one that reads expected values gets them", async () => {
    const verdict = await made([{ evaluator: exactMatch() }]).evaluate({
      output: "a",
      expected: "a",
    });
    expect(verdict.passed).toBe(true);
  });

  it("calibrates as any other evaluator; a fitted threshold cannot pass a required failure", async () => {
    const leaky = made([
      { evaluator: piiLeak(), required: true },
      { evaluator: good, weight: 9 },
    ]);
    const labels = Array.from({ length: 60 }, (_, at) =>
      at % 2 === 0 ? { output: "Rain.", good: true } : { output: `jo${at}@x.example`, good: false },
    );
    const calibration = await calibrate({ evaluator: leaky, labels });
    const blocking = toBlocking(leaky, calibration, { threshold: "fitted" });
    expect(await blocking.evaluate({ output: "ann@x.example" })).toMatchObject({ passed: false });
    await createGuard({ evaluators: [blocking] }).close();
  });
});

describe("deadlines", () => {
  const never = new Promise<never>(() => {});
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("one that hangs costs its own verdict and not the suite's", async () => {
    const clock = createFakeClock();
    let aborted = false;
    const hanging = of("hanging", ({ signal }) => {
      signal?.addEventListener("abort", () => {
        aborted = true;
      });
      return never;
    });
    const judged = made([{ evaluator: hanging }, { evaluator: good }], { clock }).judge(given);
    await turn();
    clock.advance(10_000);
    expect((await judged).map(({ status }) => status)).toEqual(["timeout", "passed"]);
    expect(aborted).toBe(true);
  });

  it("each criterion has its own, and none outlasts nine tenths of the suite's", async () => {
    const clock = createFakeClock();
    const ended: string[] = [];
    const hang = (name: string, timeoutMs: number): Criterion => ({
      evaluator: of(
        name,
        ({ signal }) => {
          signal?.addEventListener("abort", () => ended.push(`${name} ${clock.monotonicMs()}`));
          return never;
        },
        { timeoutMs },
      ),
    });
    const one = made([hang("slow", 60_000), hang("quick", 50)], { timeoutMs: 1_000, clock });
    const judged = one.judge(given);
    await turn();
    clock.advance(1_000);
    await judged;
    expect(ended).toEqual(["quick 50", "slow 900"]);
    expect(made([hang("slow", 60_000)]).timeoutMs).toBe(66_667);
  });

  it("criteria stop when the caller does", async () => {
    const controller = new AbortController();
    const judged = made([{ evaluator: of("hanging", () => never) }]).judge({
      ...given,
      signal: controller.signal,
    });
    controller.abort();
    expect(await judged).toMatchObject([{ status: "timeout" }]);
    const late = await made([{ evaluator: good }]).judge({ ...given, signal: controller.signal });
    expect(late).toMatchObject([{ status: "timeout" }]);
  });

  it("criteria run at the same time", async () => {
    const started: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Evaluation>();
    const wait = (name: string): Criterion => ({
      evaluator: of(name, () => {
        if (started.push(name) === 3) resolve({ passed: true });
        return promise;
      }),
    });
    expect(await made([wait("a"), wait("b"), wait("c")]).evaluate(given)).toMatchObject({
      score: 1,
    });
  });
});

describe("in a guard", () => {
  const settle = async (evaluator: Suite, output: unknown) => {
    await using guard = createGuard({ evaluators: [evaluator] });
    const permit = await guard.begin({ kind: "model", provider: "p", name: "m", input: "?" });
    permit.dispatched();
    return (await permit.settle({ output })).evaluations[0];
  };

  it("is recorded as one evaluator, with a word and nothing of the text", async () => {
    const result = await settle(
      made([{ evaluator: piiLeak(), required: true }]),
      "jo@secret.example",
    );
    expect(result).toEqual({
      evaluator: "answers",
      status: "failed",
      score: 0,
      label: "required-failed",
      required: false,
    });
  });

  it("asks for sources when one of its criteria does", () => {
    const asking = of("asking", () => ({}), { sources: true });
    expect(made([{ evaluator: good }, { evaluator: asking }]).sources).toBe(true);
    expect(made([{ evaluator: good }]).sources).toBe(false);
  });

  it.each([
    ["fails", bad],
    ["is unsure", unsure],
    ["throws", broken],
  ])("a required suite refuses when a required criterion %s", async (_, evaluator) => {
    const criteria = [{ evaluator: good }, { evaluator, required: true }];
    const refused = settle(made(criteria, { required: true }), "x");
    await expect(refused).rejects.toMatchObject({ code: "BR6001" });
  });
});

it("a required criterion without a clear pass never makes a passing suite", async () => {
  const said: fc.Arbitrary<Evaluation> = fc.record(
    {
      passed: fc.constantFrom(true, false, undefined, "yes", 1, null),
      score: fc.constantFrom(0, 0.5, 1, -1, 2, Number.NaN, Infinity, "1", null, undefined),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<never>;
  const answer = fc.oneof(said, fc.constantFrom<unknown>(null, "throws", "rejects", "getter"));
  const criterion = fc.record({
    answer,
    required: fc.boolean(),
    weight: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
  });
  const run = fc.record({
    threshold: fc.constantFrom(0, 0.5, 1),
    minCoverage: fc.constantFrom(0, 0.5, 1),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(criterion, { minLength: 1, maxLength: 6 }),
      run,
      async (all, limits) => {
        const criteria = all.map((one, at) => ({
          evaluator: of(`c${at}`, () => act(one.answer)),
          required: one.required,
          weight: one.weight,
        }));
        const verdict = await made(criteria, limits).evaluate(given);
        const isClear = ({ answer: told }: (typeof all)[number]): boolean => {
          const { passed, score = 1 } = (told ?? {}) as Evaluation;
          return passed === true && typeof score === "number" && score >= 0 && score <= 1;
        };
        const clear = all.filter(({ required }) => required).every(isClear);
        if (!clear) expect(verdict.passed).not.toBe(true);
        if (verdict.passed !== undefined) expect(verdict.score).toBeGreaterThanOrEqual(0);
        if (verdict.passed !== undefined) expect(verdict.score).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 500 },
  );
});

function act(answer: unknown): Evaluation | Promise<Evaluation> {
  if (answer === "throws") throw new Error("no");
  if (answer === "rejects") return Promise.reject(new Error("no"));
  if (answer !== "getter") return answer as Evaluation;
  return {
    get passed(): boolean {
      throw new Error("no");
    },
  };
}

describe("wrong options are refused, and told where", () => {
  it.each<[string, object]>([
    ["suite() must be an object", null as never],
    ["suite() has no option", { treshold: 1 }],
    ["suite().name", { name: "" }],
    ["suite().name", { name: undefined }],
    ["suite().criteria must be", { criteria: undefined }],
    ["suite().criteria must be", { criteria: [] }],
    ["suite().criteria[0] must be", { criteria: [good.evaluate] }],
    ["suite().criteria[0] has no option", { criteria: [{ ...good, evaluator: good }] }],
    ["suite().criteria[0].evaluator", { criteria: [{}] }],
    ["suite().criteria[0].evaluator.evaluate", { criteria: [{ evaluator: { name: "x" } }] }],
    ["suite().criteria[0].evaluator.name", { criteria: [{ evaluator: { ...good, name: 1 } }] }],
    ["suite().criteria[0].evaluator.on", { criteria: [{ evaluator: { ...good, on: "tool" } }] }],
    [
      "suite().criteria[0].evaluator.sample",
      { criteria: [{ evaluator: { ...good, sample: 0.5 } }] },
    ],
    [
      "suite().criteria[0].evaluator.mode",
      { criteria: [{ evaluator: { ...good, mode: "background" } }] },
    ],
    [
      "suite().criteria[0].evaluator.onFail",
      { criteria: [{ evaluator: { ...good, onFail: "record" } }] },
    ],
    [
      "suite().criteria[0].evaluator.timeoutMs",
      { criteria: [{ evaluator: { ...good, timeoutMs: 0 } }] },
    ],
    ["suite().criteria[0].required", { criteria: [{ evaluator: good, required: "yes" }] }],
    ["suite().criteria[0].weight", { criteria: [{ evaluator: good, weight: -1 }] }],
    ["suite().criteria[0].weight", { criteria: [{ evaluator: good, weight: Number.NaN }] }],
    ["suite().criteria[0].weight", { criteria: [{ evaluator: good, weight: 0 }] }],
    [
      "suite().criteria must be a list with at least one",
      { criteria: [{ evaluator: good, weight: 0, required: true }] },
    ],
    [
      "suite().criteria[1].evaluator.name",
      { criteria: [{ evaluator: good }, { evaluator: good }] },
    ],
    ["suite().threshold", { threshold: 2 }],
    ["suite().minCoverage", { minCoverage: -1 }],
    ["suite().timeoutMs", { timeoutMs: 1 }],
    ["suite().on", { on: "models" }],
    ["suite().clock", { clock: {} }],
  ])("%s", (message, options) => {
    const valid = { name: "x", criteria: [{ evaluator: good }] };
    const wrong = options === null ? options : { ...valid, ...options };
    expect(() => suite(wrong as never)).toThrow(message);
  });
});
