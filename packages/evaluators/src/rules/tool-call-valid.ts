import { nearest, optionError } from "@burnrate/core/adapter";
import {
  type EvaluatorInput,
  type EvaluatorOptions,
  inconclusive,
  type RuleEvaluator,
  type Verdict,
} from "../evaluator.ts";
import { checkRuleOptions, defineRule, scored } from "../rule.ts";
import { compileSchema } from "../schema/compile-schema.ts";
import { TooMuchWorkError } from "../schema/work-limit.ts";
import { isRecord, read } from "../shape.ts";
import { readAnswer } from "../text/read-text.ts";
import { readCalls, type ToolCall } from "../tool-calls/read-calls.ts";
import { readTools, type ToolSchemas } from "../tool-calls/read-tools.ts";
import { seenValues } from "../tool-calls/seen-values.ts";
import { answerTurn } from "../tool-calls/turns.ts";

/** A tool's schema may come from a server that means harm. */
const MAX_PARTS = 1_000;

/** Options of {@link toolCallValid}. */
export interface ToolCallValidOptions extends EvaluatorOptions {
  /**
   * The tools there are: a list of `{ name, parameters | inputSchema }` with JSON Schema or zod, an
   * object that holds it as `tools` or, as Gemini's, as `functionDeclarations`, or the AI SDK's
   * object. Without it `metadata.tools`, or those that the model call itself offered.
   */
  readonly tools?: unknown;
}

/**
 * Whether every tool call names a tool that exists, with arguments that fit its schema: types,
 * required ones, none that the schema does not name.
 *
 * Sees: made-up tools and arguments, wrong types, missing required arguments. Does not see: a wrong
 * value of the right type (6 % in the measurement), a made-up field inside an argument unless its
 * schema forbids it, nor that another tool was meant if both take the same arguments. Values that
 * nobody in the conversation said lower the score by at most a half and never fail a call: one
 * right value in ten is unsaid. An answer without calls passes; in a guard it is left out when its
 * call offered no tools. Nothing is said of a tool whose JSON Schema has more than 1,000 parts, or
 * refers to itself without end: it may come from a server that means harm.
 * @throws {ConfigError} `BR9001`
 */
export function toolCallValid(options: ToolCallValidOptions = {}): RuleEvaluator {
  const run = checkRuleOptions("toolCallValid", options, ["tools"]);
  const fixed = options.tools === undefined ? undefined : readTools(options.tools);
  if (options.tools !== undefined && fixed === undefined) {
    throw optionError("toolCallValid().tools", options.tools, "a list or an object of tools");
  }
  return defineRule(run, (given) => {
    const tools = fixed ?? readTools(read(given.metadata, "tools") ?? read(given.input, "tools"));
    if (tools === undefined || tools.size === 0) {
      return answerTurn(given) ?? inconclusive("no tools to compare with");
    }
    const calls = readCalls(given);
    if (calls === undefined || calls.length === 0) return withoutCalls(given);
    return judge(given, calls, tools);
  });
}

/** Text is an answer without calls, and so is a list of none; nothing is nothing. */
function withoutCalls(given: EvaluatorInput): Verdict {
  const isSaid = Array.isArray(read(given.metadata, "toolCalls"));
  const answer = readAnswer(given);
  return isSaid || answer.kind === "text"
    ? scored(1, true, "no-calls", "the output calls no tool")
    : inconclusive(`no tool calls to judge: ${answer.reason}`);
}

/** To find what was meant takes time, and a model may answer a thousand calls. */
const MAX_TOLD = 10;

function judge(given: EvaluatorInput, calls: readonly ToolCall[], tools: ToolSchemas): Verdict {
  const odd = calls.find(({ name }) => !isSchema(tools.get(name)));
  if (odd !== undefined) return inconclusive(`the schema of ${odd.name} is no valid JSON Schema`);
  const problems = calls
    .map((call) => problemOf(call, tools))
    .filter((found) => found !== undefined);
  if (problems.length > 0) {
    const score = 1 - problems.length / calls.length;
    const [first] = problems;
    const told = problems.slice(0, MAX_TOLD).map(({ reason }) => reason());
    const more = problems.length > MAX_TOLD ? `; ${problems.length - MAX_TOLD} more` : "";
    return scored(score, false, first?.label ?? "invalid", told.join("; ") + more);
  }
  const seen = seenValues(given, calls, (name) => tools.get(name));
  const unseen = seen === undefined || seen.values === 0 ? 0 : seen.unseen / seen.values;
  const soft = unseen > 0 ? `; ${seen?.unseen} of ${seen?.values} values were not said` : "";
  return scored(1 - unseen / 2, true, "valid", `${calls.length} calls fit their tools${soft}`);
}

/** Whether arguments can be compared with it; a tool may say nothing of its arguments. */
function isSchema(schema: unknown): boolean {
  try {
    if (schema !== undefined) compileSchema(schema, MAX_PARTS);
    return true;
  } catch (error) {
    if (error instanceof TooMuchWorkError) throw error;
    return false;
  }
}

interface Problem {
  readonly label: "unknown-tool" | "unknown-argument" | "invalid-arguments";
  readonly reason: () => string;
}

function problemOf(call: ToolCall, tools: ToolSchemas): Problem | undefined {
  const { name } = call;
  if (!tools.has(name)) {
    const hint = (): string => {
      const meant = nearest(name, tools.keys());
      return meant === undefined ? "" : `; ${meant} exists`;
    };
    return { label: "unknown-tool", reason: () => `no tool is named ${name}${hint()}` };
  }
  if (call.arguments === undefined) {
    return { label: "invalid-arguments", reason: () => `${name}: arguments are no JSON` };
  }
  const schema = tools.get(name);
  if (schema === undefined) return undefined;
  if (!isRecord(call.arguments) && namesArguments(schema)) {
    return { label: "invalid-arguments", reason: () => `${name}: arguments are no object` };
  }
  const extra = unknownArgument(call.arguments, read(schema, "jsonSchema") ?? schema);
  if (extra !== undefined) {
    return { label: "unknown-argument", reason: () => `${name} has no argument ${extra}` };
  }
  const problem = compileSchema(schema)(call.arguments);
  if (problem === undefined) return undefined;
  return { label: "invalid-arguments", reason: () => `${name}: ${problem}` };
}

/** Without `type`, JSON Schema asks only objects for properties: `[]` and `null` would fit. */
function namesArguments(schema: unknown): boolean {
  const plain = read(schema, "jsonSchema") ?? schema;
  return isRecord(read(plain, "properties")) || Array.isArray(read(plain, "required"));
}

/** What in a JSON Schema may name properties elsewhere. */
const MAY_NAME_MORE = [
  "patternProperties",
  "allOf",
  "anyOf",
  "oneOf",
  "then",
  "else",
  "dependentSchemas",
  "dependencies",
  "$ref",
  "$dynamicRef",
] as const;

/**
 * JSON Schema lets arguments through that it does not name; a tool does not know what to do with
 * them.
 */
function unknownArgument(given: unknown, schema: unknown): string | undefined {
  const shape = read(schema, "shape");
  if (isRecord(shape)) return isOpenShape(schema) ? undefined : firstUnknown(given, shape);
  const properties = read(schema, "properties");
  const open = MAY_NAME_MORE.some((key) => read(schema, key) !== undefined);
  const additional = read(schema, "additionalProperties");
  const isOpen = open || additional === true || isRecord(additional);
  return isOpen || !isRecord(properties) ? undefined : firstUnknown(given, properties);
}

function firstUnknown(given: unknown, known: object): string | undefined {
  return isRecord(given) ? Object.keys(given).find((key) => !Object.hasOwn(known, key)) : undefined;
}

/** Whether an object of zod 3 (`unknownKeys`) or 4 (`catchall`) takes more than its shape names. */
function isOpenShape(schema: unknown): boolean {
  const three = read(read(schema, "_def"), "unknownKeys");
  if (three === undefined) return read(read(read(schema, "_zod"), "def"), "catchall") !== undefined;
  const rest = read(read(read(read(schema, "_def"), "catchall"), "_def"), "typeName");
  return three === "passthrough" || rest !== "ZodNever";
}
