import { describe, expect, it } from "vitest";
import { parseOpenSlo } from "./parse-open-slo.ts";

const slo = (name: string, window: string): string => `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  indicator:
    metadata: { name: done }
    spec:
      ratioMetric:
        good: &all { metricSource: { type: burnrate, spec: { sli: task_success } } }
        total: *all
  timeWindow:
    - ${window}
  budgetingMethod: Occurrences
  objectives:
    - target: 0.99
`;
const ROLLING = "{ duration: 30d, isRolling: true }";

describe("files as people have them", () => {
  it("reads files of Windows that were put together: line ends, and marks in front of each", () => {
    const files = ["a", "b"].map((name) => `\uFEFF${slo(name, ROLLING)}`);
    const text = files.join("---\n").replaceAll("\n", "\r\n");
    expect(parseOpenSlo(text).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("takes fields over with <<, and tells what it cannot take over", () => {
    const merged = slo("a", `<<: [{ duration: 7d }, ${ROLLING}]`);
    expect(parseOpenSlo(merged)[0]?.window).toEqual({ kind: "rolling", lengthMs: 7 * 86_400_000 });
    expect(() => parseOpenSlo(slo("a", "<<: 30d"), { file: "slo.yaml" })).toThrow(
      /^BR9001 slo\.yaml:\d+: the file .*<</,
    );
  });
});
