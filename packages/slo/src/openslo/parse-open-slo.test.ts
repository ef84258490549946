import { findGuardError } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { createSloEngine } from "../engine/create-slo-engine.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../objective/duration.ts";
import { parseOpenSlo } from "./parse-open-slo.ts";

const SERVICE = `apiVersion: openslo/v1
kind: Service
metadata: { name: support }
spec: { description: Answers customers. }
`;
const SLI = `apiVersion: openslo/v1
kind: SLI
metadata: { name: refunds-done }
spec:
  ratioMetric:
    counter: true
    good: { metricSource: { type: burnrate, spec: { sli: task_success, outcome: good, agent: support } } }
    total: { metricSource: { type: burnrate, spec: { sli: task_success, agent: support } } }
`;
const CONDITION = `apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: fast-burn }
spec:
  severity: page
  condition:
    kind: burnrate
    op: gt
    threshold: 14.4
    lookbackWindow: 1h
    alertAfter: 5m
`;
const POLICY = `apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: on-call }
spec:
  alertWhenBreaching: true
  conditions: [{ conditionRef: fast-burn }]
  notificationTargets: [{ targetRef: pager }]
`;
const SLO = `apiVersion: openslo/v1
kind: SLO
metadata: { name: refunds }
spec:
  description: >
    Customers get their
    money back.
  service: support
  indicatorRef: refunds-done
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
  alertPolicies: [{ alertPolicyRef: on-call }]
`;
const FILE = [SERVICE, SLI, CONDITION, POLICY, SLO].join("---\n");

function refusal(text: string): { message: string; line: unknown; file: unknown } {
  try {
    parseOpenSlo(text, { file: "slo.yaml" });
  } catch (error) {
    const found = findGuardError(error);
    const { file, line } = found?.details ?? {};
    return { message: found?.message ?? String(error), line, file };
  }
  throw new Error("nothing was refused");
}

/** The line, counted from 1, that holds a text. */
function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

describe("parseOpenSlo", () => {
  it("reads an SLO with everything that it names", () => {
    const [refunds, ...more] = parseOpenSlo(FILE);
    expect(more).toEqual([]);
    expect(refunds).toMatchObject({
      name: "refunds",
      sli: "task_success",
      match: { agent: "support" },
      target: { text: "0.995", budgetText: "0.005" },
      window: { kind: "rolling", lengthMs: 28 * DAY_MS },
      method: { kind: "occurrences" },
      description: "Customers get their money back.",
      service: "support",
    });
    expect(refunds?.rules).toMatchObject([
      { severity: "page", longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, factor: 14.4 },
    ]);
    expect(() => createSloEngine({ objectives: refunds ? [refunds] : [] })).not.toThrow();
  });

  it("gives an SLO without policies Google's alerts, and one whose list is empty none", () => {
    const without = FILE.replace(/ {2}alertPolicies.*\n/, "");
    expect(parseOpenSlo(without)[0]?.rules.length).toBeGreaterThan(2);
    const none = FILE.replace(/alertPolicies: .*/, "alertPolicies: []");
    expect(parseOpenSlo(none)[0]?.rules).toEqual([]);
  });

  it("takes a list of policies that nothing is written in for none named", () => {
    const text = FILE.replace(/alertPolicies: .*/, "alertPolicies: # none yet");
    expect(text).not.toBe(FILE);
    expect(parseOpenSlo(text)[0]?.rules).toHaveLength(4);
  });

  it("reads an alert after no time, however that is written, as one without alertAfter", () => {
    const without = parseOpenSlo(FILE.replace(/ {4}alertAfter.*\n/, ""));
    for (const none of ["0m", "0s", "0h"]) {
      expect(parseOpenSlo(FILE.replace("alertAfter: 5m", `alertAfter: ${none}`))).toEqual(without);
    }
  });

  it("reads an alert at the threshold or above as one above it", () => {
    expect(parseOpenSlo(FILE.replace("op: gt", "op: gte"))).toEqual(parseOpenSlo(FILE));
  });

  it("alerts of silence where a policy asks for it, and refuses what it cannot mean", () => {
    const asked = FILE.replace("alertWhenBreaching: true", "alertWhenNoData: true");
    expect(parseOpenSlo(asked)[0]?.rules).toMatchObject([{ long: "1h", whenNoData: true }]);
    expect(parseOpenSlo(FILE)[0]?.rules).toMatchObject([{ long: "1h", whenNoData: false }]);
    const alone = asked.replace("alertWhenNoData", "alertWhenBreaching: false\n  alertWhenNoData");
    expect(refusal(alone).message).toContain("absenceRule");
    expect(refusal(alone).line).toBe(lineOf(alone, "alertWhenNoData"));
  });

  it("reads lists of objects, inline indicators and policies, slices, and calendars", () => {
    const text = `
- apiVersion: openslo/v1
  kind: SLO
  metadata: { name: answers }
  spec:
    indicator:
      metadata: { name: web-successful-requests-ratio }
      spec:
        ratioMetric:
          bad: { metricSource: { type: Prometheus, spec: { query: up } } }
          total: { metricSource: { type: Prometheus, spec: { query: up } } }
    timeWindow:
      - duration: 1w
        calendar: { startTime: 2022-01-03 00:00:00, timeZone: America/New_York }
    budgetingMethod: Timeslices
    objectives:
      - { displayName: good, op: gt, target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5 }
      - { displayName: great, targetPercent: 99.95, timeSliceTarget: 0.95, timeSliceWindow: 1m }
    alertPolicies:
      - kind: AlertPolicy
        metadata: { name: inline }
        spec:
          conditions:
            - kind: AlertCondition
              metadata: { name: inline }
              spec: { severity: ticket, condition: { threshold: 2, lookbackWindow: 6h } }
- apiVersion: openslo/v1
  kind: SLO
  metadata: { name: fast }
  spec:
    indicator:
      metadata: { name: latency }
      spec: { thresholdMetric: { metricSource: { type: burnrate, spec: { sli: latency } } } }
    timeWindow: [{ duration: 1Q, calendar: { startTime: 2024-04-01 00:00, timeZone: UTC } }]
    budgetingMethod: RatioTimeslices
    objectives: [{ op: lte, value: 5000, target: 0.9, timeSliceWindow: 1h }]
`;
    const [good, great, fast] = parseOpenSlo(text);
    expect(good).toMatchObject({
      name: "answers/good",
      sli: "web-successful-requests-ratio",
      window: { kind: "calendar", period: "week", timeZone: "America/New_York" },
      method: { kind: "time-slices", sliceMs: 5 * MINUTE_MS, target: 0.95 },
      rules: [{ severity: "ticket", longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, factor: 2 }],
    });
    expect(great).toMatchObject({ name: "answers/great", target: { text: "0.9995" } });
    expect(fast).toMatchObject({
      threshold: { good: "at-most", value: 5_000, unit: "ms" },
      method: { kind: "ratio-time-slices", sliceMs: HOUR_MS },
      window: { period: "quarter" },
    });
  });

  it.each([
    [
      "an unknown field",
      "budgetingMethod:",
      "budgetingMetod:",
      "budgetingMetod",
      'Did you mean "budgetingMethod"?',
    ],
    [
      "an unknown kind",
      "kind: AlertPolicy",
      "kind: AlertPolice",
      "AlertPolice",
      'Did you mean "AlertPolicy"?',
    ],
    [
      "another version",
      "openslo/v1\nkind: SLI",
      "openslo/v2alpha\nkind: SLI",
      "openslo/v2alpha",
      "openslo/v1",
    ],
    [
      "a missing SLI",
      "indicatorRef: refunds-done",
      "indicatorRef: refund-done",
      "refund-done",
      'Did you mean "refunds-done"?',
    ],
    [
      "a missing policy",
      "alertPolicyRef: on-call",
      "alertPolicyRef: oncall",
      "oncall",
      'Did you mean "on-call"?',
    ],
    [
      "a missing condition",
      "conditionRef: fast-burn",
      "conditionRef: slow",
      "conditionRef: slow",
      '"fast-burn"',
    ],
    ["a missing service", "service: support", "service: sport", "service: sport", "Service"],
    [
      "a misspelt indicator",
      "sli: task_success, agent",
      "sli: task_sucess, agent",
      "task_sucess, agent",
      'got "task_sucess". Did you mean "task_success"?',
    ],
    ["an impossible target", "target: 0.995", "target: 99.5", "target: 99.5", "99.5 % is 0.995"],
    ["a target of zero", "target: 0.995", "target: 0", "target: 0", "above 0"],
    ["an impossible window", "duration: 28d", "duration: 2y", "duration: 2y", "a duration"],
    ["months that roll", "duration: 28d", "duration: 1M", "duration: 1M", "30d"],
    [
      "an unreachable factor",
      "threshold: 14.4",
      "threshold: 250",
      "threshold: 250",
      "never exceeds 200",
    ],
    [
      "a short window longer than the long one",
      "alertAfter: 5m",
      "alertAfter: 2h",
      "alertAfter: 2h",
      "from 2m to 1h",
    ],
    [
      "a severity that nobody knows",
      "severity: page",
      "severity: sev1",
      "severity: sev1",
      '"page", "ticket"',
    ],
    [
      "the name of a policy alone",
      "[{ alertPolicyRef: on-call }]",
      "[on-call]",
      "[on-call]",
      "{ alertPolicyRef: name }",
    ],
    [
      "a policy outside of a list",
      "[{ alertPolicyRef: on-call }]",
      "{ alertPolicyRef: on-call }",
      "{ alertPolicyRef: on-call }",
      "[{ alertPolicyRef: name }]",
    ],
    [
      "the name of a condition alone",
      "[{ conditionRef: fast-burn }]",
      "[fast-burn]",
      "[fast-burn]",
      "{ conditionRef: name }",
    ],
    ["an alert of a low burn", "op: gt", "op: lte", "op: lte", '"gt" or "gte"'],
    [
      "slices without a method",
      "- target: 0.995",
      "- { target: 0.995, timeSliceWindow: 1m }",
      "timeSliceWindow",
      "Occurrences",
    ],
    [
      "a threshold on a ratio",
      "- target: 0.995",
      "- { target: 0.995, op: lte, value: 3 }",
      "value: 3",
      "ratioMetric",
    ],
    ["a sli without total", /\n {4}total: .*/, "", "ratioMetric:", "total"],
    [
      "a duplicate key",
      "severity: page",
      "severity: page\n  severity: page",
      "severity: page\n  cond",
      "unique",
    ],
    [
      "a duplicate name",
      SERVICE,
      `${SERVICE}---\n${SERVICE}`,
      "metadata: { name: support }\nspec: { description: Answers customers. }\n---\napiVersion: openslo/v1\nkind: SLI",
      "line 3",
    ],
    ["broken YAML", "timeWindow: [{", "timeWindow: [[{", "timeWindow", "not valid YAML"],
    [
      "a foreign tag",
      "threshold: 14.4",
      "threshold: !!js/function x",
      "!!js/function",
      "Unresolved tag",
    ],
  ])("refuses %s with file, line, reason and remedy", (_name, from, to, at, remedy) => {
    const text = FILE.replace(from, to);
    expect(text).not.toBe(FILE);
    const { message, line, file } = refusal(text);
    expect(message).toContain(remedy);
    expect(message).toMatch(/^BR9001 slo\.yaml:\d+: /);
    expect({ file, line }).toEqual({ file: "slo.yaml", line: expect.any(Number) });
    expect(Math.abs((line as number) - lineOf(text, at))).toBeLessThanOrEqual(2);
  });

  it("points at the very line", () => {
    for (const [from, to] of [
      ["target: 0.995", "target: 99.5"],
      ["threshold: 14.4", "threshold: 250"],
      ["service: support", "service: sport"],
      ["budgetingMethod:", "budgetingMetod:"],
    ] as const) {
      const text = FILE.replace(from, to);
      expect([to, refusal(text).line]).toEqual([to, lineOf(text, to)]);
    }
  });

  it.each([
    [
      "total of another agent",
      "sli: task_success, agent: support }",
      "sli: task_success, agent: suport }",
      'ratioMetric.total.metricSource.spec.agent must be what it is for good, "support"; got "suport"',
    ],
    [
      "total of all agents",
      "sli: task_success, agent: support }",
      "sli: task_success }",
      'spec.agent must be what it is for good, "support"; got undefined',
    ],
    [
      "total from elsewhere",
      "total: { metricSource: { type: burnrate",
      "total: { metricSource: { type: Prometheus",
      'total.metricSource.type must be what it is for good, "burnrate"; got "Prometheus"',
    ],
    [
      "a short window beyond the long one",
      "alertAfter: 5m",
      "alertAfter: 2h",
      'a duration from 2m to 1h, such as "5m"; got "2h"',
    ],
    [
      "a window that does not roll, and has no calendar",
      "duration: 28d, isRolling: true",
      "duration: 1w, isRolling: false",
      "timeWindow[0].calendar must be { startTime, timeZone }, because the window does not roll",
    ],
  ])("says of %s what would be right", (_name, from, to, remedy) => {
    expect(FILE).toContain(from);
    expect(refusal(FILE.replace(from, to)).message).toContain(remedy);
  });

  it("checks what no SLO names, so that nothing is half-loaded", () => {
    expect(refusal(SLI.replace("counter", "conter")).message).toContain('"counter"');
    expect(refusal(SLI.replaceAll("task_success", "task_sucess")).message).toContain(
      'Did you mean "task_success"?',
    );
    expect(refusal(SLI.replaceAll(/(agent: )[\w-]+/g, "$1support/")).message).toContain(
      "spec.agent must be a path without /",
    );
    expect(refusal(CONDITION.replace("gt", "lt")).message).toContain("condition.op");
    expect(refusal(CONDITION.replace(/(lookbackWindow:) \S+/, "$1 1x")).message).toContain(
      "condition.lookbackWindow must be a duration",
    );
    expect(refusal(CONDITION.replace(/(alertAfter:) \S+/, "$1 5")).message).toContain(
      "condition.alertAfter must be a duration",
    );
    expect(refusal(CONDITION.replace(/(threshold:) \S+/, "$1 -1")).message).toContain("above 0");
    expect(refusal(POLICY).message).toContain("AlertCondition");
  });

  it("is not brought down by a few lines that unfold into gigabytes, or by deep nesting", () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(10)}]`,
    );
    const bomb = `apiVersion: openslo/v1\nl0: &l0 lol\n${levels.join("\n")}\n`;
    expect(refusal(bomb).message).toContain("references");
    expect(refusal("[".repeat(200_000)).message).toContain("slo.yaml:1: ");
    expect(refusal(" ".repeat(2_000_000)).message).toContain("at most 1000000 characters");
    expect(refusal("a: 1\nb: *nobody").message).toContain(
      'slo.yaml:2: the file refers to "nobody"',
    );
    const pairs = Array.from({ length: 40_000 }, (_, at) => `- &a${at} x\n- *a${at}`);
    expect(refusal(pairs.join("\n")).message).toContain("slo.yaml:202: ");
    const keys = Array.from({ length: 80_000 }, (_, at) => `k${at}: 1`);
    expect(refusal(keys.join("\n")).message).toContain("apiVersion");
    const copied = Array.from({ length: 99 }, (_, at) => `b${at}: { <<: *a }`);
    const wide = `a: &a { ${keys.slice(0, 2_000).join(", ")} }\n${copied.join("\n")}`;
    expect(refusal(wide).message).toContain("slo.yaml:1: the file has references");
    expect(refusal("just text").message).toContain(
      "this object must be one with apiVersion, kind, metadata and spec",
    );
  });

  it("reads nothing from an empty file", () => {
    expect(parseOpenSlo("")).toEqual([]);
    expect(parseOpenSlo("---\n---\n# only a comment\n")).toEqual([]);
  });
});
