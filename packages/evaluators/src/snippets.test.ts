import { readFileSync } from "node:fs";
import { createGuard } from "@burnrate/core";
import {
  calibrate,
  createEvaluationSlis,
  createReviewSampler,
  driftCheck,
  groundednessLexical,
  horvitzThompson,
  type LabelledItem,
  parseLabels,
  piiLeak,
  toBlocking,
  toolCallValid,
} from "@burnrate/evaluators";
import { describe, expect, it } from "vitest";

/** Every snippet of the pages below stands in this file, and runs. */
const PAGES = ["../README.md", "../../../docs/evaluators.md"];
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
const withoutIndent = (text: string): string => text.replace(/^ +/gmu, "").trim();

function labelled(): LabelledItem[] {
  const context = "The moon is 384,400 km away from the earth. It has no air.";
  return Array.from({ length: 60 }, (_, at) =>
    at % 2 === 0
      ? { output: "The moon is 384,400 km away.", context, good: true }
      : { output: `Mars lost ${at} rockets over Texas.`, context, good: false },
  );
}

describe("snippets of README and docs", () => {
  it("are in this file", () => {
    const source = withoutIndent(read("./snippets.test.ts"));
    const snippets = PAGES.flatMap((page) => [...read(page).matchAll(/```ts\n([\s\S]*?)```/gu)]);
    expect(snippets.length).toBeGreaterThan(4);
    for (const [, snippet = ""] of snippets) expect(source).toContain(withoutIndent(snippet));
  });

  it("judge calls in a guard", async () => {
    const guard = createGuard({
      evaluators: [
        piiLeak({ required: true, allow: ["@acme.com"] }), // a leak is withheld, with BR6001
        groundednessLexical({ mode: "background", sample: 0.2 }), // recorded, costs the call nothing
        toolCallValid(), // recorded; sees the tools that the call offered
      ],
    });
    await guard.close();
  });

  it("judge by hand", () => {
    const verdict = groundednessLexical().evaluate({
      output: "Revenue fell by 47 %, said Anna Meyer.",
      context: ["Revenue fell by 12 % in spring.", "Anna Meyer leads the company."],
    });
    console.log(verdict.passed, verdict.score, verdict.label, verdict.reason);
    expect(verdict).toMatchObject({
      passed: expect.any(Boolean),
      reason: expect.stringContaining("47"),
    });
  });

  it("calibrate, and block only with leave", async () => {
    const evaluator = groundednessLexical();
    const labels = labelled();
    const calibration = await calibrate({ evaluator, labels }); // or a path: "labels.jsonl"
    if (calibration.fitted?.objection === undefined) {
      const blocking = toBlocking(evaluator, calibration, { threshold: "fitted" });
      createGuard({ evaluators: [blocking] });
    }
    const { drifted, wrong } = await driftCheck({ evaluator, canaries: labels, calibration });
    if (drifted) console.warn("judged otherwise than before:", wrong);
    expect(calibration.fitted).toMatchObject({ objection: undefined });
    expect(drifted).toBe(false);
  });

  it("read labels", () => {
    const labels = parseLabels('{"output":"…","context":["…"],"good":true}', "labels.jsonl");
    expect(labels).toHaveLength(1);
  });

  it("measure rates with intervals", async () => {
    const guard = createGuard();
    const slis = createEvaluationSlis();
    const stop = slis.follow(guard);
    const figures = slis.figures("groundednessLexical");
    console.log(figures?.passRate, figures?.coverage, figures?.errorRate, figures?.lagMs);
    expect(figures).toBeUndefined();
    stop();
    await guard.close();
  });

  it("choose calls for review", () => {
    const sampler = createReviewSampler({ passed: 0.02, failed: 0.5 }, "a secret of yours");
    const { chosen, probability } = sampler("call-1", false);
    const rate = horvitzThompson([{ value: 0, probability }]);
    expect([typeof chosen, rate.estimate]).toEqual(["boolean", 0]);
  });
});
