import { findGuardError } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { parseOpenSlo } from "./parse-open-slo.ts";

const SLO = `apiVersion: openslo/v1
kind: SLI
metadata:
  name: done
spec:
  ratioMetric:
    good: { metricSource: { type: burnrate, spec: { sli: task_success } } }
    total: { metricSource: { type: burnrate, spec: { sli: task_success } } }
---
apiVersion: openslo/v1
kind: SLO
metadata:
  annotations:
    burnrate.dev/objective: '{"minCoverage":0.5}'
  name: refunds
spec:
  indicatorRef: done
  timeWindow:
    - isRolling: false
      calendar:
        startTime: 2024-01-01 00:00:00
        timeZone: Europe/Berlin
      duration: 1M
  budgetingMethod: Timeslices
  objectives:
    - displayName: good
      target: 0.99
      timeSliceTarget: 0.95
      timeSliceWindow: 5m
`;

describe("the line of what is wrong", () => {
  it.each([
    ["target: 0.99", "target: 99"],
    ["target: 0.99", "targetPercent: 101"],
    ["timeSliceTarget: 0.95", "timeSliceTarget: 95"],
    ["timeSliceWindow: 5m", "timeSliceWindow: 2h"],
    ["timeZone: Europe/Berlin", "timeZone: Europe/Bern"],
    ["startTime: 2024-01-01", "startTime: 2024-02-30"],
    ["duration: 1M", "duration: 1D"],
    ["name: refunds", `name: ${"x".repeat(151)}`],
    ['{"minCoverage":0.5}', '{"minCoverage":5}'],
  ])("is that of the field: %s → %s", (from, to) => {
    expect(lineRefused(SLO.replace(from, to))).toBe(lineOf(SLO, from));
  });

  it("is that of the indicator's metric, also in an object of its own", () => {
    expect(lineRefused(SLO.replaceAll("sli: task_success", "sli: task_sucess"))).toBe(7);
    const foreign = SLO.replaceAll("type: burnrate", "type: Prometheus");
    expect(lineRefused(foreign.replaceAll("done", "task_sucess"))).toBe(4);
  });

  it("is that of a rolling window's length, wherever that is written", () => {
    const rolling = SLO.replace("isRolling: false", "isRolling: true")
      .replace(/ {6}calendar:\n.*\n.*\n/, "")
      .replace("duration: 1M", "duration: 2y");
    expect(lineRefused(rolling)).toBe(lineOf(rolling, "duration: 2y"));
  });
});

function lineRefused(text: string): unknown {
  try {
    parseOpenSlo(text);
  } catch (error) {
    return findGuardError(error)?.details["line"];
  }
  throw new Error("nothing was refused");
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}
