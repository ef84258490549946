import { expect, it } from "vitest";
import {
  EvaluationFailedError,
  type EvaluationInput,
  type Evaluator,
  type Guard,
  type Permit,
} from "../index.ts";
import { account, codeOf, model, setUp, used } from "./test-fixture.ts";

/** Passes what does not have the word, and is unsure of what is shorter than three characters. */
function without(word: string, more: Partial<Evaluator> = {}): Evaluator {
  const evaluate = ({ output }: EvaluationInput) => {
    const text = String(output);
    return text.length < 3 ? {} : { passed: !text.includes(word) };
  };
  return { name: "clean", on: "model", onFail: "refuse", evaluate, ...more };
}

async function begin(guard: Guard): Promise<Permit> {
  const permit = await guard.begin(model(10, 10));
  permit.dispatched();
  return permit;
}

it.each([
  ["one that only records", without("x", { onFail: "record" }), undefined],
  ["one in the background", without("x", { mode: "background", onFail: "record" }), undefined],
  ["one that judges the end", without("x"), 0],
  ["one with a window", without("x", { onStream: { window: 50 } }), 50],
  ["one that holds", without("x", { onStream: "hold" }), Number.POSITIVE_INFINITY],
])("%s holds back as much of a stream as it says", async (_, evaluator, characters) => {
  const { guard } = setUp({ evaluators: [evaluator] });
  const { holdsBack } = await begin(guard);
  expect(holdsBack?.characters).toBe(characters);
});

it("of several, the strictest counts", async () => {
  const evaluators = [without("x"), without("y", { name: "other", onStream: { window: 9 } })];
  const { guard } = setUp({ evaluators });
  expect((await begin(guard)).holdsBack).toEqual({ characters: 9 });
});

it("text that passes may go, and leaves no verdict before the end", async () => {
  const { guard, records } = setUp({ evaluators: [without("bad", { onStream: { window: 4 } })] });
  const verdicts: unknown[] = [];
  guard.on("evaluation-completed", ({ result }) => verdicts.push(result.status));
  const permit = await begin(guard);
  expect(await permit.review("good")).toBe(true);
  expect(verdicts).toEqual([]);
  await permit.settle({ ...used(10, 2), output: "good day" });
  expect(verdicts).toEqual(["passed"]);
  expect(records[0]?.evaluations).toHaveLength(1);
});

it("text that fails cuts the call, once, with the verdict in its record", async () => {
  const evaluators = [without("bad", { onStream: { window: 4 } })];
  const { guard, records } = setUp({ evaluators, budgets: ["$1/day"] });
  const verdicts: unknown[] = [];
  guard.on("evaluation-completed", ({ callId, result }) => verdicts.push([callId, result.status]));
  const permit = await begin(guard);
  const { signal } = permit;
  expect(await permit.review("a bad")).toBe(false);
  expect(signal.reason).toBeInstanceOf(EvaluationFailedError);
  await permit.fail(signal.reason);
  expect(verdicts).toEqual([[permit.id, "failed"]]);
  expect(records).toMatchObject([
    { outcome: "refused", evaluations: [{ evaluator: "clean", status: "failed" }] },
  ]);
  // It was sent: whatever came of it is charged in full.
  expect(await account(guard)).toMatchObject({ held: 0, settled: 10 * 250 + 10 * 2_000 });
});

it("an evaluator knows that a text goes on, and that it does not any more", async () => {
  const seen: unknown[] = [];
  const evaluate = ({ partial }: EvaluationInput) => {
    seen.push(partial);
    return { passed: true };
  };
  const { guard } = setUp({ evaluators: [without("x", { onStream: { window: 1 }, evaluate })] });
  const permit = await begin(guard);
  await permit.review("te");
  await permit.settle({ ...used(10, 2), output: "text" });
  expect(seen).toEqual([true, undefined]);
});

it("text that an evaluator is unsure of stays held, and is nobody's failure", async () => {
  const { guard, records } = setUp({ evaluators: [without("bad", { onStream: { window: 1 } })] });
  const permit = await begin(guard);
  expect(await permit.review("ok")).toBe(false);
  expect(permit.signal.aborted).toBe(false);
  await permit.settle({ ...used(10, 2), output: "okay" });
  expect(records).toMatchObject([{ outcome: "success" }]);
});

it.each([
  ["throws", () => Promise.reject(new Error("broken"))],
  ["says nothing that can be read", () => "yes" as never],
])("a required one that %s lets nothing go, and cuts", async (_, evaluate) => {
  const evaluators = [without("x", { required: true, onStream: { window: 4 }, evaluate })];
  const { guard } = setUp({ evaluators });
  const permit = await begin(guard);
  expect(await permit.review("text")).toBe(false);
  expect(permit.signal.aborted).toBe(true);
});

it.each([
  ["that records", { onFail: "record" }],
  ["of tools", { on: "tool" }],
  ["in the background", { mode: "background", onFail: "record" }],
] as const)("one %s cannot hold a stream back", (_, more) => {
  const evaluator = without("x", { ...more, onStream: "hold" });
  expect(() => setUp({ evaluators: [evaluator] })).toThrow(/evaluators\[0\]\.onStream/);
});

it.each([0, -1, 1.5, 2_000_000, Number.NaN, "9"])("a window of %s is refused", (window) => {
  const evaluator = without("x", { onStream: { window: window as number } });
  expect(() => setUp({ evaluators: [evaluator] })).toThrow(/evaluators\[0\]\.onStream\.window/);
});

it("a misspelt way is refused", async () => {
  const evaluator = without("x", { onStream: "held" as never });
  await expect(codeOf((async () => setUp({ evaluators: [evaluator] }))())).resolves.toBe("BR9001");
});
