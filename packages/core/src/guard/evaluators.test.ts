import { describe, expect, it } from "vitest";
import {
  type CallRecord,
  createGuard,
  createIds,
  type Evaluation,
  EvaluationFailedError,
  type EvaluationInput,
  type EvaluationResult,
  type Evaluator,
  type Guard,
} from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { account, codeOf, model, settled, setUp, tool, used } from "./test-fixture.ts";

type Evaluate = (input: EvaluationInput) => unknown;

function evaluator(evaluate: Evaluate, more: Partial<Evaluator> = {}): Evaluator {
  return { name: "safety", on: "model", evaluate: evaluate as Evaluator["evaluate"], ...more };
}

/** One call whose output is judged; resolves to what its caller sees. */
async function judged(guard: Guard, request = model(10, 10)): Promise<CallRecord> {
  const permit = await guard.begin(request);
  permit.dispatched();
  return permit.settle({ ...used(10, 1), output: "x" });
}

const broken = (): never => {
  throw new Error("broken");
};
const unreadable = {
  get passed(): boolean {
    return broken();
  },
};

const FAULTS: readonly (readonly [string, Evaluate, EvaluationResult["status"]])[] = [
  ["throws", broken, "error"],
  ["rejects", () => Promise.reject(new Error("broken")), "error"],
  ["returns nothing", () => undefined, "error"],
  ["returns null", () => null, "error"],
  ["returns a text", () => "passed", "error"],
  ["returns true itself", () => true, "error"],
  ["returns a score that is NaN", () => ({ passed: true, score: Number.NaN }), "error"],
  ["returns an infinite score", () => ({ passed: true, score: Number.POSITIVE_INFINITY }), "error"],
  ["returns a score in words", () => ({ passed: true, score: "high" }), "error"],
  ["returns what cannot be read", () => unreadable, "error"],
  ["is unsure", () => ({}), "unsure"],
  ["says only a score", () => ({ score: 0.9 }), "unsure"],
  ["passes in words", () => ({ passed: "yes" }), "failed"],
  ["fails", () => ({ passed: false }), "failed"],
];

describe("a required evaluator", () => {
  it.each(FAULTS)(
    "that %s never passes; the money is committed and the record carried",
    async (_, evaluate, status) => {
      const { guard } = setUp({
        budgets: ["$1"],
        evaluators: [evaluator(evaluate, { required: true })],
      });
      const error = await judged(guard).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(EvaluationFailedError);
      expect(error).toMatchObject({ code: "BR6001", details: { evaluator: "safety", status } });
      expect((error as EvaluationFailedError).record?.evaluations).toMatchObject([{ status }]);
      expect((await account(guard)).settled).toBe(4_500);
      expect(guard.metrics().totals.slis["eval:safety"]).toMatchObject({ good: 0, bad: 1 });
    },
  );

  it("that hangs is over at its deadline, and is told by its signal", async () => {
    const signals: AbortSignal[] = [];
    const hang: Evaluate = ({ signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const { guard, clock } = setUp({
      evaluators: [evaluator(hang, { required: true, timeoutMs: 2_000 })],
    });
    const result = judged(guard).catch((reason: unknown) => reason);
    await settled();
    clock.advance(1_999);
    expect(signals[0]?.aborted).toBe(false);
    clock.advance(1);
    expect(await result).toMatchObject({ code: "BR6001", details: { status: "timeout" } });
    expect(signals[0]?.aborted).toBe(true);
  });

  it("has 10 seconds unless it says otherwise, and a late verdict changes nothing", async () => {
    let answer = (_: Evaluation): void => {};
    const late: Evaluate = () => new Promise((resolve) => (answer = resolve));
    const { guard, clock, records } = setUp({ evaluators: [evaluator(late, { required: true })] });
    const result = codeOf(judged(guard));
    await settled();
    clock.advance(9_999);
    await settled();
    expect(records).toEqual([]);
    clock.advance(1);
    expect(await result).toBe("BR6001");
    answer({ passed: true });
    await settled();
    expect(records).toMatchObject([{ evaluations: [{ status: "timeout" }] }]);
  });

  it('only records with onFail "record", and refuses a clear failure without being required', async () => {
    const fails: Evaluate = () => ({ passed: false });
    const records = setUp({ evaluators: [evaluator(fails, { required: true, onFail: "record" })] });
    expect((await judged(records.guard)).evaluations).toMatchObject([{ status: "failed" }]);
    const refuses = setUp({ evaluators: [evaluator(fails, { onFail: "refuse" })] });
    expect(await codeOf(judged(refuses.guard))).toBe("BR6001");
    const unsure = setUp({ evaluators: [evaluator(() => ({}), { onFail: "refuse" })] });
    expect(await codeOf(judged(unsure.guard))).toBeUndefined();
  });
});

describe("an evaluator that is not required", () => {
  it.each(FAULTS)("and %s takes nothing from the caller", async (_, evaluate, status) => {
    const { guard } = setUp({ evaluators: [evaluator(evaluate)] });
    expect((await judged(guard)).evaluations).toMatchObject([{ evaluator: "safety", status }]);
  });
});

describe("what is judged", () => {
  it("is what the evaluator is for, with its input, output and context", async () => {
    const seen: EvaluationInput[] = [];
    const judges = (["model", "tool", "task"] as const).map((on) =>
      evaluator((input) => ({ passed: seen.push(input) > 0 }), { name: on, on }),
    );
    const { guard } = setUp({ evaluators: judges });
    await guard.task({ name: "t", input: "question", agent: "a" }, async () => {
      await judged(guard, model(10, 10, { input: "prompt" }));
      await guard.run({ ...tool("search"), input: "query" }, () => ({ value: 1, output: "hits" }));
      return "answer";
    });
    expect(seen.map(({ on, input, output }) => [on, input, output])).toEqual([
      ["model", "prompt", "x"],
      ["tool", "query", "hits"],
      ["task", "question", "answer"],
    ]);
    expect(seen.every(({ context }) => context.agent === "a")).toBe(true);
  });

  it("is no failed call, no cached answer, and no task that threw", async () => {
    let runs = 0;
    const count: Evaluate = () => ({ passed: runs++ >= 0 });
    const { guard } = setUp({
      evaluators: [evaluator(count), evaluator(count, { name: "t", on: "task" })],
    });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    await permit.fail(new Error("x"));
    await (await guard.begin(model(1, 1))).settle({ outcome: "cached", output: "x" });
    await guard.task({}, broken).catch(() => undefined);
    expect(runs).toBe(0);
  });

  it("makes a task throw when a required evaluator refuses its result", async () => {
    const refuse = evaluator(() => ({ passed: false }), { on: "task", required: true });
    const { guard } = setUp({ evaluators: [refuse] });
    expect(await codeOf(guard.task({}, () => "answer"))).toBe("BR6001");
  });

  it("is the same share of calls each time, chosen by the call's id, apart for each evaluator", async () => {
    const chosen = async (): Promise<string[][]> => {
      const seen: Record<string, string[]> = { a: [], b: [] };
      const judge = (name: string): Evaluator =>
        evaluator(({ record }) => ({ passed: seen[name]?.push(record?.id ?? "") !== 0 }), {
          name,
          sample: 0.25,
        });
      const { guard } = setUp({ ids: createIds("run"), evaluators: [judge("a"), judge("b")] });
      for (let index = 0; index < 400; index++) await judged(guard);
      return Object.values(seen);
    };
    const [first, second] = [await chosen(), await chosen()];
    expect(first).toEqual(second);
    expect(first[0]).not.toEqual(first[1]);
    for (const ids of first) {
      expect(ids.length).toBeGreaterThan(60);
      expect(ids.length).toBeLessThan(140);
    }
  });

  it("is told to hooks beforehand, so that outputs nobody wants are not collected", async () => {
    const never = setUp({ evaluators: [evaluator(broken, { sample: 0 })] });
    expect((await never.guard.begin(model(1, 1))).wantsOutput).toBe(false);
    const always = setUp({ evaluators: [evaluator(broken)] });
    expect((await always.guard.begin(model(1, 1))).wantsOutput).toBe(true);
    expect((await always.guard.begin(tool("search"))).wantsOutput).toBe(false);
  });
});

describe("an evaluator that calls the guarded model", () => {
  function withJudge(budgets: Parameters<typeof createGuard>[0] = {}) {
    const records: CallRecord[] = [];
    let runs = 0;
    const guard: Guard = createGuard({
      prices: providerPrices,
      ...budgets,
      evaluators: [
        evaluator(async () => {
          runs++;
          await guard.run(model(5, 5), () => ({ value: 1, ...used(5, 5), output: "verdict" }));
          return { passed: true };
        }),
      ],
    });
    guard.on("call-settled", (record) => records.push(record));
    return { guard, records, runs: () => runs };
  }

  it("is metered apart under the purpose evaluation, and never judged itself", async () => {
    const { guard, records, runs } = withJudge({ budgets: ["$1"] });
    await judged(guard);
    expect(runs()).toBe(1);
    expect(records.map(({ purpose }) => purpose)).toEqual(["evaluation", "agent"]);
    const { totals, evaluationCalls } = guard.metrics();
    expect(totals.slis.call_success).toMatchObject({ good: 1 });
    expect(evaluationCalls).toMatchObject({ good: 1 });
  });

  it("spends from the evaluators' own budget once there is one, and only from that", async () => {
    const { guard } = withJudge({
      budgets: [
        "$1",
        {
          id: "judges",
          limit: { usd: 1 },
          window: "total",
          match: { purpose: "evaluation" },
        },
      ],
    });
    await judged(guard);
    expect((await account(guard, "$1")).settled).toBe(4_500);
    expect((await account(guard, "judges")).settled).toBe(5 * 250 + 5 * 2_000);
  });

  it("spends from everyone's budget where that of the evaluators covers other calls", async () => {
    for (const elsewhere of [{ org: "acme" }, { agent: "billing" }, { model: "other-*" }]) {
      const match = { purpose: "evaluation", ...elsewhere } as const;
      const { guard } = withJudge({
        budgets: ["$1", { id: "judges", limit: { usd: 1 }, window: "total", match }],
      });
      await judged(guard);
      expect((await account(guard, "$1")).settled).toBe(4_500 + 5 * 250 + 5 * 2_000);
      expect((await account(guard, "judges")).settled).toBe(0);
    }
  });

  it("spends from everyone's budget while there is none of its own", async () => {
    const { guard } = withJudge({ budgets: ["$1"] });
    await judged(guard);
    expect((await account(guard)).settled).toBe(4_500 + 5 * 250 + 5 * 2_000);
  });

  it("is an error, not a pass, when its budget refuses it", async () => {
    const judges = { purpose: "evaluation" as const };
    const { guard } = withJudge({
      budgets: [{ id: "judges", limit: { tokens: 9 }, window: "total", match: judges }],
    });
    expect((await judged(guard)).evaluations).toMatchObject([{ status: "error" }]);
  });
});
