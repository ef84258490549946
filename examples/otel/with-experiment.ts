import type { Evaluator } from "@burnrate/core";
import { fromLangfuse, lengthWithin, toLangfuse } from "@burnrate/evaluators";
import type { LangfuseClient } from "@langfuse/client";

/** Ours in an experiment of theirs. */
export function compare(langfuse: LangfuseClient, task: (input: unknown) => Promise<string>) {
  return langfuse.experiment.run({
    name: "short answers",
    data: [{ input: "What is a budget?" }],
    task: ({ input }) => task(input),
    evaluators: [toLangfuse(lengthWithin({ max: 100 }))],
  });
}

/** Theirs in a guard of ours. */
export const theirs: Evaluator = fromLangfuse(
  async ({ output }) => ({ name: "polite", value: /please|thank/i.test(`${output}`) ? 1 : 0 }),
  { name: "polite", direction: "maximize", mode: "background" },
);
