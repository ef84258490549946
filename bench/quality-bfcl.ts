import { join } from "node:path";
import { readRecords } from "./quality-data.ts";

interface Question {
  readonly id: string;
  readonly question: unknown[][];
  readonly function: { readonly name: string; readonly parameters: Record<string, unknown> }[];
}

/** A call that is right, with the question it answers. */
export interface GoldCall {
  readonly question: Question;
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  /** Arguments without which the answer is wrong. */
  readonly needed: readonly string[];
}

/** BFCL writes Python's types into its schemas. */
const TYPES: Readonly<Record<string, string>> = { dict: "object", float: "number", tuple: "array" };

/** The right calls of a set: `<name>.json` and `<name>.answers.json`. */
export function readGold(folder: string, name: string): GoldCall[] {
  type Answer = {
    readonly id: string;
    readonly ground_truth: Record<string, Record<string, unknown[]>>[];
  };
  const questions = new Map(
    readRecords<Question>(join(folder, `${name}.json`), {
      id: "text",
      question: "list",
      function: "list",
    }).map((question) => [question.id, question]),
  );
  return readRecords<Answer>(join(folder, `${name}.answers.json`), {
    id: "text",
    ground_truth: "list",
  }).flatMap(({ id, ground_truth }) => {
    const question = questions.get(id);
    const [entry] = Object.entries(ground_truth[0] ?? {});
    if (question === undefined || entry === undefined) return [];
    const [tool, values] = entry;
    // Each argument has a list of values that are right; "" among them says that it may be left
    // out.
    const needed = Object.keys(values).filter((key) => !values[key]?.includes(""));
    const args = needed.map((key) => [key, firstOf(values[key])] as const);
    return [{ question, name: tool, arguments: Object.fromEntries(args), needed }];
  });
}

/** What the schema of the called tool requires. */
export function requiredOf({ question, name }: GoldCall): readonly string[] {
  const tool = question.function.find((candidate) => candidate.name === name);
  return (tool?.parameters["required"] as string[] | undefined) ?? [];
}

/** BFCL's schema as JSON Schema. */
export function toJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (!isPlain(schema)) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => !(key === "type" && value === "any") && key !== "optional",
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === "type" && typeof value === "string" ? (TYPES[value] ?? value) : toJsonSchema(value),
    ]),
  );
}

/** Nested objects list alternatives at each field, too. */
function firstOf(values: unknown[] | undefined): unknown {
  const [value] = values ?? [];
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown) => (isPlain(item) ? plainOf(item) : item));
  return plainOf(value as Record<string, unknown>);
}

function plainOf(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).filter(
    ([, held]) => !(Array.isArray(held) && held.includes("")),
  );
  return Object.fromEntries(
    entries.map(([key, held]) => [key, Array.isArray(held) ? firstOf(held) : held]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
