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

/**
 * Reads tools: a list as providers, LangChain and MCP write it, or the AI SDK's object of tools by
 * name. Undefined when it is neither.
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
  return new Map(Object.entries(tools).map(([name, tool]) => [name, schemaOf(tool)]));
}

/** Gemini has a list of tools within one; Bedrock's `toolSpec` a schema within `inputSchema`. */
function declared(tool: unknown): readonly unknown[] {
  const spec = read(tool, "toolSpec");
  if (spec !== undefined) {
    return [{ name: read(spec, "name"), schema: read(read(spec, "inputSchema"), "json") }];
  }
  const declarations = read(tool, "functionDeclarations");
  return Array.isArray(declarations) ? declarations : [tool];
}

function schemaOf(tool: unknown): unknown {
  for (const key of SCHEMA_KEYS) {
    const schema = read(tool, key);
    if (schema !== undefined) return schema;
  }
  return undefined;
}
