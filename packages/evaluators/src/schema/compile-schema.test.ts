import { describe, expect, it } from "vitest";
import { z } from "zod";
import { toolCallValid } from "../rules/tool-call-valid.ts";
import { compileSchema } from "./compile-schema.ts";

describe("patterns of a schema", () => {
  it("are checked, each for itself", () => {
    const check = compileSchema({ properties: { a: { pattern: "^a+$" }, b: { pattern: "^b+$" } } });
    expect(check({ a: "aa", b: "b" })).toBeUndefined();
    expect(check({ a: "b", b: "b" })).toContain("/a must match pattern");
    expect(check({ a: "a", b: "a" })).toContain("/b must match pattern");
  });

  it("name properties too", () => {
    const check = compileSchema({
      patternProperties: { "^n_": { type: "number" }, "^s_": { type: "string" } },
      additionalProperties: false,
    });
    expect(check({ n_a: 1, s_a: "x" })).toBeUndefined();
    expect(check({ n_a: "x" })).toContain("/n_a must be number");
    expect(check({ other: 1 })).toContain("additional properties");
  });

  it("are linear on any text", () => {
    const started = process.cpuUsage();
    expect(compileSchema({ pattern: "^(a+)+$" })(`${"a".repeat(50_000)}!`)).toContain("pattern");
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });

  it("with look-around, as zod writes them, leave the rest of the schema checked", () => {
    const { $schema: _, ...schema } = z.toJSONSchema(
      z.object({ to: z.email(), count: z.number().optional() }),
    );
    const check = compileSchema(schema);
    expect(check({ to: "jo@mail.example" })).toBeUndefined();
    expect(check({ to: 5 })).toContain("/to must be string");
    expect(check({ to: "jo@mail.example", count: "5" })).toContain("/count must be number");
  });

  it("that are none are refused", () => {
    expect(() => compileSchema({ pattern: "(" })).toThrow();
  });
});

describe("JSON Schema", () => {
  it("does not take inherited names for properties", () => {
    expect(compileSchema({ required: ["constructor"] })({})).toContain("constructor");
  });

  it("counts in cents as people do", () => {
    const check = compileSchema({ multipleOf: 0.01 });
    expect(check(19.99)).toBeUndefined();
    expect(check(19.995)).toContain("multiple of 0.01");
  });

  it("of 2019-09 may refer to itself", () => {
    const check = compileSchema({
      $schema: "https://json-schema.org/draft/2019-09/schema",
      $recursiveAnchor: true,
      properties: { next: { $recursiveRef: "#" }, count: { type: "number" } },
    });
    expect(check({ next: { count: 1 } })).toBeUndefined();
    expect(check({ next: { count: "x" } })).toContain("/next/count must be number");
  });

  it("that would be checked later is refused, because later is no verdict", () => {
    const later = { $async: true, type: "object", required: ["to"] };
    expect(() => compileSchema(later)).toThrow(/asynchronous/);
    const tools = [{ name: "send", inputSchema: later }];
    const output = [{ type: "tool-call", toolName: "send", input: "{}" }];
    expect(toolCallValid({ tools }).evaluate({ output })).toMatchObject({ label: "inconclusive" });
  });

  it("tells equal items apart from others, however many there are", () => {
    const check = compileSchema({ uniqueItems: true });
    expect(
      check([
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ]),
    ).toContain("duplicate items");
    expect(check([1, 1.0])).toContain("duplicate items");
    expect(check([{ a: 1 }, [["a", 1]], '{"a":1}', 1, "1", true, null, [], {}])).toBeUndefined();
    expect(compileSchema({ uniqueItems: false })([1, 1])).toBeUndefined();
    const started = process.cpuUsage();
    expect(check(Array.from({ length: 12_000 }, (_, a) => ({ a })))).toBeUndefined();
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000);
  });

  it("whose references double at each level ends without a verdict", () => {
    const twice = (name: string) => ({
      allOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }],
    });
    const levels = Array.from({ length: 40 }, (_, level) => [`d${level}`, twice(`d${level + 1}`)]);
    const $defs = { ...Object.fromEntries(levels), d40: { type: "object" } };
    const tools = [{ name: "send", inputSchema: { type: "object", $ref: "#/$defs/d0", $defs } }];
    const output = [{ type: "tool-call", toolName: "send", input: "{}" }];
    expect(toolCallValid({ tools }).evaluate({ output })).toMatchObject({
      label: "inconclusive",
      reason: expect.stringContaining("too long to check"),
    });
  });

  it("of thousands of parts is compiled for who wrote it, and not for a tool that is offered", () => {
    const properties = Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`p${n}`, true]));
    expect(compileSchema({ required: ["p1"], properties })({})).toContain("p1");
    const tools = [{ name: "send", inputSchema: { required: ["p1"], properties } }];
    const output = [{ type: "tool-call", toolName: "send", input: "{}" }];
    expect(toolCallValid({ tools }).evaluate({ output })).toMatchObject({
      label: "inconclusive",
      reason: "the schema has more than 1000 parts",
    });
  });

  it("that is none is told so each time", () => {
    const none = { type: "nothing" };
    expect(() => compileSchema(none)).toThrow();
    expect(() => compileSchema({ ...none })).toThrow();
  });

  it("that refers to itself is checked over thousands of values", () => {
    const check = compileSchema({
      $ref: "#/$defs/node",
      $defs: {
        name: { type: "string", pattern: "^[a-z]+$" },
        node: {
          type: "object",
          properties: {
            name: { $ref: "#/$defs/name" },
            nodes: { items: { $ref: "#/$defs/node" } },
          },
          unevaluatedProperties: false,
        },
      },
    });
    const nodes = Array.from({ length: 200_000 }, () => ({ name: "leaf" }) as object);
    expect(check({ name: "root", nodes })).toBeUndefined();
    expect(check({ name: "root", nodes: [...nodes, { name: "Leaf" }] })).toContain(
      "/nodes/200000/name",
    );
    expect(check({ name: "root", other: 1 })).toContain("unevaluated properties");
  });
});
