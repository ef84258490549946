import { expect, it } from "vitest";
import { createSeriesRegistry } from "./series-registry.ts";

it("finds the same series again, apart by agent, model and tool", () => {
  const registry = createSeriesRegistry(10);
  const series = registry.forModel("a", "m");
  expect(registry.forModel("a", "m")).toBe(series);
  expect(registry.forModel("b", "m")).not.toBe(series);
  expect(registry.forTool("a", "m")).not.toBe(series);
  expect(registry.forModel(undefined, "m")).not.toBe(series);
  expect(registry.forAgent("a")).toMatchObject({ agent: "a", model: undefined, tool: undefined });
  expect(registry.all()).toHaveLength(5);
});

it("folds names beyond the cap into three series called other, and counts them", () => {
  const registry = createSeriesRegistry(2);
  const known = registry.forModel("a", "m");
  registry.forTool("a", "t");
  for (let n = 0; n < 10_000; n += 1) {
    registry.forModel(`agent-${n}`, `model-${n}`);
    registry.forTool("a", `tool-${n}`);
    registry.forAgent(`agent-${n}`);
  }
  expect(registry.all()).toHaveLength(5);
  expect(registry.folded).toBe(30_000);
  expect(registry.forModel("a", "m")).toBe(known);
  expect(registry.forTool("z", "z")).toMatchObject({ agent: "other", tool: "other" });
});

it("shares the series other with an agent that is really called so", () => {
  const registry = createSeriesRegistry(1);
  registry.forModel("a", "m");
  const folded = registry.forModel("b", "m");
  expect(registry.forModel("other", "other")).toBe(folded);
});

it("cuts hostile names at 200 characters", () => {
  const registry = createSeriesRegistry(10);
  const long = "x".repeat(1_000_000);
  const series = registry.forTool(long, `${long}1`);
  expect(series.agent).toHaveLength(200);
  expect(series.tool).toHaveLength(200);
  expect(registry.forTool(long, `${long}2`)).toBe(series);
  const cut = registry.forTool("a", `${"x".repeat(199)}\u{1F600}`).tool ?? "";
  expect(cut.isWellFormed()).toBe(true);
});
