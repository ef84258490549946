import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { expect, it } from "vitest";
import { ATTRIBUTE, BUCKETS, EVALUATION_EVENT, METRIC, OPERATION } from "./semantic-conventions.ts";

const KNOWN = new Set<unknown>(Object.values(conventions));

/** In the GenAI repository of the conventions, which has no package yet. */
const NEWER = ["gen_ai.execute_tool.duration"];

it("every name of the GenAI and MCP conventions is one that the conventions have", () => {
  const ours = [
    ...Object.values(ATTRIBUTE),
    EVALUATION_EVENT,
    ...Object.values(METRIC)
      .map(({ name }) => name)
      .filter((name) => name.startsWith("gen_ai.") || name.startsWith("mcp.")),
  ];
  expect(ours.filter((name) => !KNOWN.has(name) && !NEWER.includes(name))).toEqual([]);
});

it("what is called newer is not yet in the released conventions", () => {
  expect(NEWER.filter((name) => KNOWN.has(name))).toEqual([]);
});

it("operations are values that the conventions have", () => {
  const { mcpCallTool, ...genAi } = OPERATION;
  for (const value of [...Object.values(genAi), mcpCallTool]) expect(KNOWN).toContain(value);
});

/** How OpenTelemetry's names become Prometheus' names; dollars are no unit that it knows. */
function translated(name: string, unit: string, kind: string): string {
  const units: Record<string, string> = { s: "seconds", USD: "usd", "1": "ratio" };
  const suffix = units[unit];
  const parts = [name.replaceAll(".", "_"), ...(suffix === undefined ? [] : [suffix])];
  return [...parts, ...(kind === "counter" ? ["total"] : [])].join("_");
}

it.each(Object.values(METRIC))("Prometheus calls $name what it would call it itself", (metric) => {
  expect(metric.prometheus).toBe(translated(metric.name, metric.unit, metric.kind));
});

it("bucket edges rise", () => {
  for (const edges of Object.values(BUCKETS)) {
    expect([...edges]).toEqual([...edges].toSorted((a, b) => a - b));
    expect(new Set(edges).size).toBe(edges.length);
  }
});
