import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { model, settled, setUp, used } from "../guard/test-fixture.ts";
import type { CallRecord, Evaluator } from "../index.ts";

const quick: Evaluator = { name: "quick", on: "model", evaluate: () => ({ passed: true }) };

/** A judge that never answers, and what became of its own signal. */
function hanging(more: Partial<Evaluator> = {}): { evaluator: Evaluator; fired: boolean[] } {
  const fired: boolean[] = [];
  const evaluate: Evaluator["evaluate"] = ({ signal }) => {
    signal.addEventListener("abort", () => fired.push(true));
    return new Promise(() => {});
  };
  return { evaluator: { name: "slow", on: "model", required: true, ...more, evaluate }, fired };
}

describe("a caller that goes away while an inline evaluator judges", () => {
  it("waits no longer, gets its own reason and no answer, and pays for the call", async () => {
    const { evaluator, fired } = hanging();
    const { guard } = setUp({ budgets: ["$1/day"], evaluators: [quick, evaluator] });
    const records: CallRecord[] = [];
    guard.on("call-settled", (record) => records.push(record));
    const caller = new AbortController();
    const request = { ...model(5, 5), signal: caller.signal };
    const answer = guard.run(request, () => ({ value: "answer", ...used(5, 5), output: "x" }));
    await settled();
    const reason = new Error("the user left");
    caller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(fired).toEqual([true]);
    expect(records).toMatchObject([
      { outcome: "success", evaluations: [{ evaluator: "quick", status: "passed" }] },
    ]);
    expect((await guard.budgets())[0]).toMatchObject({ held: 0, settled: records[0]?.costNanoUsd });
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });

  it("gets no answer that was not judged when it had left before", async () => {
    const { evaluator } = hanging({ required: false });
    const { guard } = setUp({ evaluators: [evaluator] });
    const caller = new AbortController();
    const request = { ...model(5, 5), signal: caller.signal };
    const answer = guard.run(request, () => {
      caller.abort(new Error("the user left"));
      return { value: "answer", ...used(5, 5), output: "x" };
    });
    await expect(answer).rejects.toThrow("the user left");
  });

  it("is told of a verdict that was there before", async () => {
    const evaluate = () => ({ passed: false });
    const { guard } = setUp({
      evaluators: [{ ...quick, required: true, evaluate }, hanging().evaluator],
    });
    const caller = new AbortController();
    const request = { ...model(5, 5), signal: caller.signal };
    const answer = guard.run(request, () => ({ value: "answer", ...used(5, 5), output: "x" }));
    await settled();
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: "BR6001" });
  });
});

describe("a caller that goes away afterwards", () => {
  it("has its answer, and background evaluators go on", async () => {
    const { evaluator, fired } = hanging({ mode: "background", required: false, timeoutMs: 50 });
    const { guard, clock } = setUp({ evaluators: [quick, evaluator] });
    const heard: string[] = [];
    guard.on("evaluation-completed", ({ result }) => heard.push(result.status));
    const caller = new AbortController();
    const request = { ...model(5, 5), signal: caller.signal };
    const run = guard.run(request, () => ({ value: "answer", ...used(5, 5), output: "x" }));
    expect(await run).toBe("answer");
    caller.abort();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(fired).toEqual([]);
    clock.advance(50);
    await settled();
    expect(heard).toEqual(["passed", "timeout"]);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  });
});
