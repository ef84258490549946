import { createGuard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../evaluator.ts";
import type { ForeignOptions } from "./foreign-options.ts";
import { fromAutoevals } from "./from-autoevals.ts";

const judge = (answer: unknown, options: ForeignOptions = {}): Promise<Verdict> =>
  Promise.resolve(
    fromAutoevals(() => answer, { name: "x", direction: "maximize", ...options }).evaluate({
      output: "x",
    }),
  );
const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
/** Throws on everything but what `await` reads. */
const hostile = (target: object): object =>
  new Proxy(target, {
    get: (_, key) => {
      if (key === "then") return undefined;
      throw new Error("no");
    },
  });
const throwing = {
  get score(): number {
    throw new Error("no");
  },
};

describe("a result", () => {
  it.each<[string, unknown, number, string]>([
    ["autoevals", { name: "a", score: 0.7, metadata: { rationale: "r" } }, 0.7, "r"],
    ["openevals", { key: "a", score: true, comment: "r" }, 1, "r"],
    ["openevals with a schema of one's own", { score: 0.7, reasoning: "r" }, 0.7, "r"],
    ["Langfuse", { name: "a", value: 0.7, comment: "r" }, 0.7, "r"],
    ["Phoenix", { score: 0, label: "bad", explanation: "r" }, 0, "r"],
    ["Mastra", { score: 0.7, reason: "r" }, 0.7, "r"],
    ["a number", 0.7, 0.7, ""],
    ["a boolean", false, 0, ""],
    ["a list of one", [{ name: "a", score: 0.7 }], 0.7, ""],
  ])("is read as %s writes it", async (_, answer, score, reason) => {
    expect(await judge(answer)).toMatchObject({ score, reason, passed: score >= 0.5 });
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a score of null", { name: "a", score: null, value: 1 }],
    ["NaN", { score: Number.NaN }],
    ["infinity", Number.POSITIVE_INFINITY],
    ["a number as text", { score: "1" }],
    ["a label alone", { label: "good" }],
    ["more than 1", { score: 1.01 }],
    ["less than 0", -0.01],
    ["nothing", []],
    ["an empty object", {}],
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a getter that throws", throwing],
    ["an object that throws whatever is read", hostile({})],
    ["a list that throws whatever is read", hostile([])],
    ["a list with holes", new Array(3)],
    ["a million results", new Array(1_000_000).fill({ score: 1 })],
    [
      "two results and no word which",
      [
        { name: "a", score: 1 },
        { name: "b", score: 1 },
      ],
    ],
  ])("that is %s measures nothing: no pass, no failure, no 0", async (_, answer) => {
    const verdict = await judge(answer);
    expect(verdict).toEqual({ label: "inconclusive", reason: expect.any(String) });
  });

  it("that cannot even be awaited is an error, as if it had been thrown", async () => {
    await expect(judge(revoked({}))).rejects.toThrow(TypeError);
  });

  it("has its direction and range turned, and what is outside is not cut to fit", async () => {
    const stars: ForeignOptions = { range: [1, 5], threshold: 0.75 };
    expect(await judge(4, stars)).toMatchObject({ score: 0.75, passed: true });
    expect(await judge(4, { ...stars, direction: "minimize" })).toMatchObject({ score: 0.25 });
    expect(await judge(0, stars)).toMatchObject({ label: "inconclusive" });
    expect(await judge(0, { direction: "minimize" })).toMatchObject({ score: 1, passed: true });
    const faults = { direction: "minimize", range: [0, 10], threshold: 0.2 } as const;
    expect(await judge(8, faults)).toMatchObject({ score: 0.2, passed: true });
  });

  it("keeps free text out of its label, and cuts its reason", async () => {
    const told = { score: 1, label: "jo@secret.example", reason: "r".repeat(100_000) };
    const verdict = await judge(told);
    expect(verdict.label).toBe("above-threshold");
    expect(verdict.reason).toHaveLength(2_000);
  });
});

describe("several results", () => {
  const three = [
    { name: "a", score: 1, reason: "fine" },
    { name: "b", score: 0.4, reason: "poor" },
    { name: "c", score: 1 },
  ];

  it("are one by name", async () => {
    expect(await judge(three, { pick: "b" })).toMatchObject({ score: 0.4, passed: false });
    expect(await judge(three, { pick: "d" })).toMatchObject({ label: "inconclusive" });
    const twice = [...three, ...three];
    expect(await judge(twice, { pick: "a" })).toMatchObject({ label: "inconclusive" });
  });

  it("are one by their lowest or their mean", async () => {
    expect(await judge(three, { combine: "lowest" })).toMatchObject({
      score: 0.4,
      passed: false,
      reason: "fine; poor",
    });
    expect(await judge(three, { combine: "mean" })).toMatchObject({
      score: expect.closeTo(0.8),
      passed: true,
    });
    const same = [0.7, 0.7, 0.7].map((value) => ({ value }));
    expect(await judge(same, { combine: "mean", threshold: 0.7 })).toMatchObject({ passed: true });
  });

  it("of which one was not measured are not measured", async () => {
    const gap = [...three, { name: "d", score: null }];
    expect(await judge(gap, { combine: "mean" })).toMatchObject({ label: "inconclusive" });
    expect(await judge(gap, { combine: "lowest" })).toMatchObject({ label: "inconclusive" });
    expect(await judge(gap, { pick: "a" })).toMatchObject({ score: 1 });
  });
});

it("whatever a scorer answers, the verdict is a score from 0 to 1 or inconclusive", async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything({ withNullPrototype: true }), async (answer) => {
      fc.pre(typeof (answer as PromiseLike<unknown> | null)?.then !== "function");
      const verdict = await judge(answer, { combine: "lowest" });
      const isScore = verdict.score !== undefined && verdict.score >= 0 && verdict.score <= 1;
      expect(isScore || verdict.label === "inconclusive").toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe("what there is to judge", () => {
  it.each<[string, unknown, string]>([
    ["no output", undefined, "the output is missing"],
    ["an empty one", " \n", "the output is empty"],
    ["10 MB", "a".repeat(10_000_000), "the output has more than 262144 characters"],
    ["a revoked object", revoked({}), "the output cannot be read"],
  ])("with %s the scorer is not asked", async (_, output, reason) => {
    let asked = false;
    const scorer = fromAutoevals(
      () => {
        asked = true;
        return 1;
      },
      { name: "x", direction: "maximize" },
    );
    expect(await scorer.evaluate({ output })).toEqual({ label: "inconclusive", reason });
    expect(asked).toBe(false);
  });

  it("data stays data", async () => {
    const seen: unknown[] = [];
    const spy = fromAutoevals(
      ({ output }: { output: unknown }) => {
        seen.push(output);
        return 1;
      },
      { name: "spy", direction: "maximize" },
    );
    const data = [7, false, ["a", "b"], { type: "refund", amount: 3 }, { message: "hi" }];
    for (const output of data) await spy.evaluate({ output });
    expect(seen).toEqual(data);
  });
});

describe("a scorer that hangs", () => {
  const hanging = (clock = createFakeClock()) =>
    fromAutoevals(() => new Promise(() => {}), { name: "x", direction: "maximize", clock });

  it("ends at its deadline without a verdict", async () => {
    const clock = createFakeClock();
    const verdict = hanging(clock).evaluate({ output: "x" });
    clock.advance(10_000);
    expect(await verdict).toEqual({
      label: "inconclusive",
      reason: "no verdict within 10000 ms",
    });
  });

  it("ends when the caller stops", async () => {
    const verdict = await hanging().evaluate({ output: "x", signal: AbortSignal.abort() });
    expect(verdict.label).toBe("inconclusive");
  });

  it("is a timeout in a guard, and no pass when required", async () => {
    const clock = createFakeClock();
    await using guard = createGuard({ clock, evaluators: [{ ...hanging(clock), required: true }] });
    const call = guard.run({ kind: "model", provider: "p", name: "m" }, async () => ({
      value: 1,
      output: "x",
    }));
    const refused = expect(call).rejects.toMatchObject({
      code: "BR6001",
      details: { status: "timeout" },
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
    await refused;
  });
});

describe("wrong options are refused, and told where", () => {
  it.each<[string, object | null]>([
    ["fromAutoevals() must be an object", null],
    ["fromAutoevals() has no option", { treshold: 1 }],
    ["fromAutoevals().direction", { direction: "up" }],
    ["fromAutoevals().direction", { direction: undefined }],
    ["fromAutoevals().name", { name: " " }],
    ["fromAutoevals().threshold", { threshold: 50 }],
    ["fromAutoevals().range", { range: [1, 1] }],
    ["fromAutoevals().range", { range: [0, Number.NaN] }],
    ["fromAutoevals().range", { range: [0] }],
    ["fromAutoevals().range", { range: 5 }],
    ["fromAutoevals().scores must be", { scores: ["good"] }],
    ["fromAutoevals().scores.good", { scores: { good: 2 } }],
    ["fromAutoevals().pick", { pick: 1 }],
    ["fromAutoevals().combine", { combine: "max" }],
    ["fromAutoevals().combine", { combine: "mean", pick: "a" }],
    ["fromAutoevals().requires[0]", { requires: ["reference"] }],
    ["fromAutoevals().requires must be", { requires: "input" }],
    ["fromAutoevals().values", { values: "json" }],
    ["fromAutoevals().timeoutMs", { timeoutMs: -1 }],
    ["fromAutoevals().clock", { clock: {} }],
  ])("%s", (message, options) => {
    const valid = { name: "x", direction: "maximize" };
    const wrong = options === null ? options : { ...valid, ...options };
    expect(() => fromAutoevals(() => 1, wrong as never)).toThrow(message);
  });
});
