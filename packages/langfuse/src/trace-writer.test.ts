import { createGuard, type Evaluator } from "@burnrate/core";
import { expect, it } from "vitest";
import { langfuseExporter } from "./langfuse-exporter.ts";
import type { Score } from "./scores/score.ts";

const sent: Score[] = [];
const client = { api: { scores: { create: async (score: Score) => void sent.push(score) } } };

/** Runs a task with one call; how many verdicts had no trace. */
async function unplaced(
  mode: NonNullable<Evaluator["mode"]>,
  generations: "auto" | "never" = "auto",
): Promise<number> {
  const exporter = langfuseExporter({ client, generations });
  const polite: Evaluator = {
    name: "polite",
    on: "tool",
    mode,
    evaluate: () => ({ passed: true, score: 1 }),
  };
  const guard = createGuard({ evaluators: [polite], exporters: [exporter] });
  await guard.task({ name: "refund" }, () =>
    guard.run({ kind: "tool", name: "search" }, () => ({ value: 1, output: "x" })),
  );
  await guard.close();
  return exporter.counts().unplaced;
}

it("without an SDK of OpenTelemetry no verdict goes to the trace whose id is zeros", async () => {
  expect(await unplaced("inline")).toBe(1);
  expect(sent).toEqual([]);
});

it("a verdict that comes after its call, which has no trace, is counted", async () => {
  expect(await unplaced("background", "never")).toBe(1);
  expect(await unplaced("background")).toBe(1);
});
