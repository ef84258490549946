import { describe, expect, it } from "vitest";
import { codeOf, model, settled, setUp, tool, used } from "../guard/test-fixture.ts";
import type { CallRecord, Evaluation, EvaluationResult, Evaluator, Guard } from "../index.ts";

async function judged(guard: Guard): Promise<CallRecord> {
  const permit = await guard.begin(model(1, 1));
  permit.dispatched();
  return permit.settle({ ...used(1, 1), output: "x" });
}

const broken = (): never => {
  throw new Error("broken");
};

describe("a required evaluator of tasks", () => {
  it.each<[string, () => unknown, EvaluationResult["status"]]>([
    ["throws", broken, "error"],
    ["rejects", () => Promise.reject(new Error("x")), "error"],
    ["returns nothing", () => undefined, "error"],
    ["returns NaN", () => Number.NaN, "error"],
    ["scores NaN", () => ({ passed: true, score: Number.NaN }), "error"],
    ["scores 7", () => ({ passed: true, score: 7 }), "error"],
    ["scores less than nothing", () => ({ passed: false, score: -0.1 }), "error"],
    ["is unsure", () => ({}), "unsure"],
    ["measured nothing", () => ({ passed: null, score: undefined }), "unsure"],
    ["fails", () => ({ passed: false }), "failed"],
    ["hangs", () => new Promise(() => {}), "timeout"],
  ])("that %s makes the task fail and count as bad", async (_, evaluate, status) => {
    const evaluator = { name: "e", on: "task", required: true, timeoutMs: 50, evaluate } as const;
    const { guard, clock } = setUp({ evaluators: [evaluator as Evaluator] });
    const heard: unknown[] = [];
    guard.on("evaluation-completed", ({ result }) => heard.push(result.status));
    guard.on("task-ended", ({ outcome }) => heard.push(outcome));
    const code = codeOf(guard.task({}, () => "answer"));
    await settled();
    clock.advance(50);
    expect(await code).toBe("BR6001");
    expect(heard).toEqual([status, "bad"]);
    expect(guard.metrics().totals.slis.task_success).toMatchObject({ good: 0, bad: 1 });
  });
});

describe("what an evaluator does itself", () => {
  it.each(["inline", "background"] as const)(
    "in the %s is metered for evaluation and never judged: calls, tools and tasks",
    async (mode) => {
      const seen: string[] = [];
      const judges = (["model", "tool", "task"] as const).map(
        (on): Evaluator => ({
          name: on,
          on,
          mode,
          async evaluate() {
            seen.push(on);
            await guard.task({ name: "inner" }, async () => {
              await guard.run(model(5, 5), () => ({ value: 1, ...used(5, 5), output: "x" }));
              await guard.run(tool("look"), () => ({ value: 1, output: "x" }));
            });
            return { passed: true };
          },
        }),
      );
      const { guard, records } = setUp({ evaluators: judges });
      await guard.task({}, () => judged(guard));
      await guard.close();
      expect(seen.sort()).toEqual(["model", "task"]);
      expect(records.map(({ purpose }) => purpose).sort()).toEqual([
        "agent",
        ...Array(4).fill("evaluation"),
      ]);
      const { slis } = guard.metrics().totals;
      expect(slis.call_success).toMatchObject({ good: 1 });
      expect(slis.tool_call_success).toMatchObject({ good: 0 });
      expect(slis.task_success).toMatchObject({ good: 1 });
    },
  );
});

describe("an evaluator that finds nothing to judge", () => {
  const skipping = (more: Partial<Evaluator>): Evaluator => ({
    ...{ name: "e", on: "model", evaluate: () => ({ skipped: true, label: "no text" }) },
    ...more,
  });

  it.each(["inline", "background"] as const)("leaves no trace: %s", async (mode) => {
    const { guard } = setUp({ evaluators: [skipping({ mode, required: mode === "inline" })] });
    const verdicts: unknown[] = [];
    guard.on("evaluation-completed", (verdict) => verdicts.push(verdict));
    expect((await judged(guard)).evaluations).toEqual([]);
    await guard.close();
    expect(verdicts).toEqual([]);
    expect(guard.metrics().totals.slis["eval:e"]).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["says no as well", { skipped: true, passed: false }, "failed"],
    ["says so in another word than true", { skipped: "yes" }, "unsure"],
  ])("withholds when it %s", async (_, evaluation, status) => {
    const evaluate = (): Evaluation => evaluation;
    const { guard } = setUp({ evaluators: [skipping({ required: true, evaluate })] });
    await expect(judged(guard)).rejects.toMatchObject({ code: "BR6001", details: { status } });
  });

  it("releases nothing of a stream that goes on", async () => {
    const evaluators = [skipping({ required: true, onStream: { window: 1 } })];
    const { guard } = setUp({ evaluators });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    expect(await permit.review("so far")).toBe(false);
    expect(permit.signal.aborted).toBe(false);
    await permit.settle({ output: "all" });
  });
});

describe("an evaluator as it was handed in", () => {
  it("may be of a class, with fields and methods of its own", async () => {
    class LengthEvaluator implements Evaluator {
      readonly name = "length";
      readonly on = "model";
      readonly longest = 3;
      evaluate({ output }: { output: unknown }): Evaluation {
        return { passed: String(output).length <= this.longest };
      }
    }
    const { guard } = setUp({ evaluators: [new LengthEvaluator()] });
    expect((await judged(guard)).evaluations).toMatchObject([{ status: "passed" }]);
  });

  it("is used as it was checked, whatever it becomes", async () => {
    const evaluator = {
      name: "e",
      on: "model" as const,
      sample: 1,
      evaluate: () => ({ passed: false }),
    };
    const { guard } = setUp({ evaluators: [evaluator] });
    Object.defineProperty(evaluator, "sample", { get: broken });
    evaluator.name = "other";
    expect((await judged(guard)).evaluations).toMatchObject([
      { evaluator: "e", status: "failed", required: false },
    ]);
  });

  it("has its answer read once, so that it cannot be two things", async () => {
    let reads = 0;
    const answer = {
      passed: true,
      get score(): number {
        return reads++ === 0 ? 0.5 : Number.NaN;
      },
    };
    const { guard } = setUp({ evaluators: [{ name: "e", on: "model", evaluate: () => answer }] });
    expect((await judged(guard)).evaluations).toMatchObject([{ status: "passed", score: 0.5 }]);
  });
});
