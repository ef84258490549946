import { isRecord, read } from "../shape.ts";

const SCHEMA_KEYS = [
  "inputSchema",
  "input_schema",
  "parameters",
  "parametersJsonSchema",
  "schema",
] as const;

/** The schemas of tools by name; undefined for a tool that says nothing of its arguments. */
export type ToolSchemas = ReadonlyMap<string, unknown>;

/** Where Gemini has its tools. */
const DECLARATIONS = ["functionDeclarations", "function_declarations"] as const;
const MAX_VISITED = 20_000;
const MAX_DEPTH = 100;
/** Whole numbers of 64 bits, which Gemini writes as strings. */
const LONG_KEYS = /^(?:min|max)(?:Items|Length|Properties)$/;

/**
 * Reads tools: a list as providers, LangChain and MCP write it, an object that holds such a list, as
 * MCP's `listTools` answers, or the AI SDK's object of tools by name. Undefined when it is none.
 */
export function readTools(tools: unknown): ToolSchemas | undefined {
  if (Array.isArray(tools)) {
    const entries = tools.flatMap(declared).map((tool) => {
      const inner = read(tool, "function") ?? tool;
      return [read(inner, "name"), schemaOf(inner)] as const;
    });
    const named = entries.filter(
      (entry): entry is [string, unknown] => typeof entry[0] === "string",
    );
    return new Map(named);
  }
  if (!isRecord(tools)) return undefined;
  const list = read(tools, "tools");
  if (Array.isArray(list)) return readTools(list);
  if (DECLARATIONS.some((key) => Array.isArray(read(tools, key)))) return readTools([tools]);
  return new Map(Object.entries(tools).map(([name, tool]) => [name, schemaOf(tool)]));
}

/** Gemini has a list of tools within one; Bedrock's `toolSpec` a schema within `inputSchema`. */
function declared(tool: unknown): readonly unknown[] {
  const spec = read(tool, "toolSpec");
  if (spec !== undefined) {
    return [{ name: read(spec, "name"), schema: read(read(spec, "inputSchema"), "json") }];
  }
  const declarations = DECLARATIONS.map((key) => read(tool, key)).find(Array.isArray);
  if (declarations === undefined) return [tool];
  return declarations.map((declaration: unknown) => {
    const schema = schemaOf(declaration);
    const isGeminis = /^[A-Z]+$/.test(String(read(schema, "type")));
    const plain = isGeminis ? fromGemini(schema, { left: MAX_VISITED }) : schema;
    return { name: read(declaration, "name"), schema: plain };
  });
}

/**
 * Gemini's types are `OBJECT` and `STRING`, and its `minItems` is `"1"`. What is too large or too deep
 * stays as it is: then the schema of this tool is no valid one.
 */
function fromGemini(value: unknown, budget: { left: number }, depth = 0): unknown {
  if (depth > MAX_DEPTH || budget.left-- <= 0) return value;
  if (Array.isArray(value)) return value.map((part) => fromGemini(part, budget, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      if (typeof held !== "string") return [key, fromGemini(held, budget, depth + 1)];
      if (LONG_KEYS.test(key)) return [key, Number(held)];
      return [key, key === "type" ? held.toLowerCase() : held];
    }),
  );
}

function schemaOf(tool: unknown): unknown {
  for (const key of SCHEMA_KEYS) {
    const schema = read(tool, key);
    if (schema !== undefined) return schema;
  }
  return undefined;
}
