import { expect, it } from "vitest";
import { createDepthHistogram } from "./depth-histogram.ts";

it("counts depths exactly up to 16 and answers the maximum beyond", () => {
  const depths = createDepthHistogram();
  for (const depth of [0, 0, 1, 3, 40]) depths.record(depth);
  expect(depths.quantile(0.4)).toBe(0);
  expect(depths.quantile(0.5)).toBe(1);
  expect(depths.quantile(0.8)).toBe(3);
  expect(depths.quantile(1)).toBe(40);
  expect(depths.countAt(17)).toBe(1);
  expect(depths).toMatchObject({ count: 5, sum: 44, max: 40 });
});

it("refuses what is no depth, and has no quantile without values", () => {
  const depths = createDepthHistogram();
  for (const depth of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) depths.record(depth);
  expect(depths).toMatchObject({ count: 0, invalid: 4 });
  expect(depths.quantile(0.5)).toBeUndefined();
});

it("merges two into what one would have held", () => {
  const left = createDepthHistogram();
  const right = createDepthHistogram();
  left.record(2);
  right.record(2);
  right.record(20);
  left.merge(right);
  expect(left).toMatchObject({ count: 3, sum: 24, max: 20 });
  expect(left.countAt(2)).toBe(2);
});
