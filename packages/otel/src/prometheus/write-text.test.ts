import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "../accumulate/histogram.ts";
import { histograms, numbers } from "../collect/metric-family.ts";
import { METRIC } from "../semantic-conventions.ts";
import { labelName } from "./format.ts";
import { writeText } from "./write-text.ts";

/** Reads a label set as Prometheus does. */
function parse(line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const set = /^[a-zA-Z_:][a-zA-Z0-9_:]*\{(.*)\} [^ ]+$/su.exec(line)?.[1] ?? "";
  const pair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/gy;
  for (const [, name = "", value = ""] of set.matchAll(pair)) {
    labels[name] = value.replaceAll(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  return labels;
}

it("whatever a label's value is, it is one line and reads back the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (value) => {
      const text = writeText(
        [numbers(METRIC.calls, [{ labels: { a: value }, value: 1 }])],
        "prometheus",
      );
      const lines = text.split("\n").filter((line) => !line.startsWith("#"));
      expect(lines).toHaveLength(2); // the sample, and what follows the last line's end
      expect(parse(lines[0] ?? "")).toEqual({ a: value.toWellFormed() });
    }),
  );
});

it("hostile names and values cannot forge a series", () => {
  const labels = { 'a"} 1\nforged{b="': 'x"} 1\nforged 2\n# EOF\n\\' };
  const text = writeText([numbers(METRIC.calls, [{ labels, value: 3 }])], "openmetrics");
  expect(text.split("\n").filter((line) => line.startsWith("forged"))).toEqual([]);
  expect(text.split("\n").filter((line) => line === "# EOF")).toHaveLength(1);
});

it("names of labels are what Prometheus allows", () => {
  expect(labelName("gen_ai.request.model")).toBe("gen_ai_request_model");
  expect(labelName("9-lives:ü")).toBe("_9_lives__");
});

it("a histogram's buckets are cumulative and end with +Inf, and agree with count and sum", () => {
  const histogram = new Histogram([0.5, 1]);
  for (const value of [0.5, 0.7, 9, Number.NaN, -1]) histogram.record(value);
  expect(
    writeText([histograms(METRIC.operationDuration, [{ labels: {}, histogram }])], "prometheus"),
  ).toBe(`# TYPE gen_ai_client_operation_duration_seconds histogram
# HELP gen_ai_client_operation_duration_seconds How long model calls took, from dispatch to the end.
gen_ai_client_operation_duration_seconds_bucket{le="0.5"} 1
gen_ai_client_operation_duration_seconds_bucket{le="1.0"} 2
gen_ai_client_operation_duration_seconds_bucket{le="+Inf"} 3
gen_ai_client_operation_duration_seconds_sum 10.2
gen_ai_client_operation_duration_seconds_count 3
`);
});

it("OpenMetrics has units, exemplars, counters named without _total, and an end", () => {
  const histogram = new Histogram([1]);
  histogram.record(0.25, { traceId: "a".repeat(32), spanId: "b".repeat(16) }, 1_500);
  const families = [
    histograms(METRIC.operationDuration, [{ labels: { m: "x" }, histogram }]),
    numbers(METRIC.cost, [{ labels: {}, value: 0.5 }]),
  ];
  expect(
    writeText(families, "openmetrics"),
  ).toBe(`# TYPE gen_ai_client_operation_duration_seconds histogram
# UNIT gen_ai_client_operation_duration_seconds seconds
# HELP gen_ai_client_operation_duration_seconds How long model calls took, from dispatch to the end.
gen_ai_client_operation_duration_seconds_bucket{m="x",le="1.0"} 1 # {trace_id="${"a".repeat(32)}",span_id="${"b".repeat(16)}"} 0.25 1.500
gen_ai_client_operation_duration_seconds_bucket{m="x",le="+Inf"} 1
gen_ai_client_operation_duration_seconds_sum{m="x"} 0.25
gen_ai_client_operation_duration_seconds_count{m="x"} 1
# TYPE burnrate_cost_usd counter
# UNIT burnrate_cost_usd usd
# HELP burnrate_cost_usd What calls were charged, in dollars.
burnrate_cost_usd_total 0.5
# EOF
`);
});
