import { isRecord, read } from "../shape.ts";

const SCHEMA_KEYS = ["inputSchema", "input_schema", "parameters", "schema"] as const;

/** The schemas of tools by name; undefined for a tool that says nothing of its arguments. */
export type ToolSchemas = ReadonlyMap<string, unknown>;

/**
 * Reads tools: a list as providers, LangChain and MCP write it, or the AI SDK's object of tools by
 * name. Undefined when it is neither.
 */
export function readTools(tools: unknown): ToolSchemas | undefined {
  if (Array.isArray(tools)) {
    const entries = tools.map((tool) => {
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

function schemaOf(tool: unknown): unknown {
  for (const key of SCHEMA_KEYS) {
    const schema = read(tool, key);
    if (schema !== undefined) return schema;
  }
  return undefined;
}
