import { z } from "zod";
import type { EvaluatorInput, RuleEvaluator } from "../evaluator.ts";

/** What is tried, by which rule, on what. */
export type Case = readonly [what: string, rule: RuleEvaluator, given: EvaluatorInput];

/** A text with numbers, days, names and a quotation. */
export const CONTEXT: string =
  'On March 2, 1991 the board met in Berlin. Revenue rose by 12.5 % to $1,200,000, and Anna Meyer said: "We are proud of the whole team." About three hundred people came.';
/** Tools by JSON Schema and by zod. */
export const tools: readonly object[] = [
  {
    name: "transfer",
    parameters: {
      type: "object",
      properties: { amount: { type: "number" }, to: { type: "string" } },
      required: ["amount", "to"],
    },
  },
  { name: "look_up", inputSchema: z.object({ id: z.string() }) },
];
const byId = { type: "object", properties: { id: { type: "string" } }, required: ["id"] };
/** A tool as Gemini takes it, and as Bedrock does. */
export const elsewhere: Readonly<Record<"Gemini" | "Bedrock", object>> = {
  Gemini: { functionDeclarations: [{ name: "ping" }, { name: "look_up", parameters: byId }] },
  Bedrock: { toolSpec: { name: "look_up", inputSchema: { json: byId } } },
};
/** Lists of tools inside of an object, and Gemini's own words for types. */
export const listed: readonly (readonly [string, object])[] = [
  ["what MCP lists", { tools: [{ name: "look_up", inputSchema: byId }] }],
  ["Bedrock's configuration", { tools: [elsewhere.Bedrock] }],
  [
    "Gemini's REST interface",
    {
      function_declarations: [
        {
          name: "look_up",
          parameters: {
            type: "OBJECT",
            properties: {
              id: { type: "STRING" },
              tags: { type: "ARRAY", minItems: "1", items: { type: "STRING" } },
            },
            required: ["id"],
          },
        },
      ],
    },
  ],
];
/** An answer that calls a tool. */
export const call = (toolName: string, input: unknown): unknown => [
  { type: "tool-call", toolName, input },
];
export const loop: string = "the same sentence comes again and again, ".repeat(20);
export const varied: string =
  "Lighthouses stood along the coast for centuries before radio. Keepers lit oil lamps each evening and wrote the weather into a book. Ships relied on the pattern of flashes to tell one headland from the next.";
