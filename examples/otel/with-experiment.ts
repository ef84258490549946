import type { Evaluator } from "@burnrate/core";
import { fromLangfuse, toLangfuseEvaluator } from "@burnrate/langfuse";
import type { LangfuseClient } from "@langfuse/client";

const short: Evaluator = {
  name: "short",
  on: "model",
  evaluate: ({ output }) => ({ passed: `${output}`.length < 100 }),
};

/** Ours in an experiment of theirs. */
export function compare(langfuse: LangfuseClient, task: (input: unknown) => Promise<string>) {
  return langfuse.experiment.run({
    name: "short answers",
    data: [{ input: "What is a budget?" }],
    task: ({ input }) => task(input),
    evaluators: [toLangfuseEvaluator(short)],
  });
}

/** Theirs in a guard of ours. */
export const theirs: Evaluator = fromLangfuse(
  async ({ output }) => ({ name: "polite", value: /please|thank/i.test(`${output}`) ? 1 : 0 }),
  { name: "polite", on: "model", mode: "background" },
);
