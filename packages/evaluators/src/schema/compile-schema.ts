import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { RE2JS } from "re2js";
import { isRecord, read } from "../shape.ts";
import { UNIQUE_ITEMS } from "./unique-items.ts";
import { checkParts, countReferences, spendWork, withinWorkLimit } from "./work-limit.ts";

/** What is wrong with a value; undefined when nothing is. */
export type CheckValue = (value: unknown) => string | undefined;

const MAX_CACHED = 200;
const MAX_KEY = 20_000;
const CHARACTERS_A_UNIT = 16;
const compiled = new Map<string, CheckValue | Error>();
const compiledObjects = new WeakMap<object, CheckValue | Error>();

/**
 * Patterns of schemas run on RE2, because a schema may come from a server that means harm. What
 * only JavaScript knows (look-around, as in zod's own pattern of an e-mail) is not checked, as
 * formats are not. Ajv tells patterns apart by `toString` alone.
 */
const regExp = Object.assign(
  (pattern: string) => ({ test: testOf(pattern), toString: () => pattern }),
  { code: "" },
);

function testOf(pattern: string): (text: string) => boolean {
  try {
    const expression = RE2JS.compile(pattern);
    return (text) => {
      spendWork(1 + text.length / CHARACTERS_A_UNIT);
      return expression.test(text);
    };
  } catch {
    new RegExp(pattern, "u"); // throws for what is no pattern at all
    return () => true;
  }
}

/** Inherited names are no properties: `{}` has no `constructor`. 19.99 is a multiple of 0.01. */
const OPTIONS = {
  strict: false,
  validateFormats: false,
  logger: false,
  ownProperties: true,
  inlineRefs: false,
  multipleOfPrecision: 9,
  code: { regExp },
} as const;

/**
 * Makes a check of JSON Schema (draft-06 to 2020-12), zod 3 and 4, any Standard Schema, or what
 * the AI SDK's `jsonSchema()` and `zodSchema()` return. Formats are not checked,
 * nor patterns with look-around. A check of JSON Schema throws `TooMuchWorkError` instead of blocking
 * the process for long. `maxParts` bounds the time of making it, for a schema from outside.
 * @throws {TypeError} when it is none of them, or not a valid one.
 * @throws {TooMuchWorkError} when it has more than `maxParts` objects.
 */
export function compileSchema(schema: unknown, maxParts: number = Infinity): CheckValue {
  const safeParse = read(schema, "safeParse");
  if (typeof safeParse === "function") return (value) => zodProblem(safeParse.call(schema, value));
  const standard = read(schema, "~standard");
  if (standard !== undefined) return (value) => standardProblem(standard, value);
  const wrapped = read(schema, "jsonSchema") ?? schema;
  if (!isRecord(wrapped) && typeof wrapped !== "boolean") throw new TypeError("not a schema");
  checkParts(wrapped, maxParts);
  const check = remembered(wrapped);
  if (check instanceof Error) throw check;
  return check;
}

/** Compiled once an object, and once a text: frameworks make the same schema anew for each call. */
function remembered(schema: Record<string, unknown> | boolean): CheckValue | Error {
  if (typeof schema === "boolean") return compileOnce(schema);
  let check = compiledObjects.get(schema);
  if (check === undefined) {
    check = compileOnce(schema);
    compiledObjects.set(schema, check);
  }
  return check;
}

function compileOnce(schema: Record<string, unknown> | boolean): CheckValue | Error {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known) return known;
  const check = compile(schema);
  if (key.length > MAX_KEY) return check;
  if (compiled.size >= MAX_CACHED) compiled.delete(compiled.keys().next().value ?? "");
  compiled.set(key, check);
  return check;
}

/** What is no schema is remembered as well: to find out costs as much. */
function compile(schema: Record<string, unknown> | boolean): CheckValue | Error {
  try {
    const validate = withinWorkLimit(() => validatorOf(schema));
    // Ajv's own keyword: its answer would be a promise, which is no "no".
    if ("$async" in validate) return new TypeError("an asynchronous schema");
    return (value) => {
      if (withinWorkLimit(() => validate(value))) return undefined;
      const [error] = validate.errors ?? [];
      return `${error?.instancePath || "the value"} ${error?.message ?? "does not fit"}`;
    };
  } catch (error) {
    return error instanceof Error ? error : new TypeError("not a schema");
  }
}

/** A validator of its own for each schema, so that nobody's `$id` meets another's. */
function validatorOf(schema: Record<string, unknown> | boolean): ValidateFunction {
  if (typeof schema === "boolean") return new Ajv2020(OPTIONS).compile(schema);
  const { $schema, ...plain } = schema;
  try {
    if (String($schema).includes("draft-0")) return bounded(new Ajv(OPTIONS)).compile(plain);
    if (String($schema).includes("2019-09")) return bounded(new Ajv2019(OPTIONS)).compile(plain);
    return bounded(new Ajv2020(OPTIONS)).compile(plain);
  } catch {
    return bounded(new Ajv(OPTIONS)).compile(plain); // `items` as a list, which later drafts call prefixItems
  }
}

/** With keywords whose time a schema from outside cannot stretch. */
function bounded<T extends Ajv>(validator: T): T {
  validator.removeKeyword("uniqueItems").addKeyword(UNIQUE_ITEMS);
  countReferences(validator);
  return validator;
}

function zodProblem(result: unknown): string | undefined {
  if (read(result, "success") === true) return undefined;
  return firstIssue(read(read(result, "error"), "issues"));
}

function standardProblem(standard: unknown, value: unknown): string | undefined {
  const validate = read(standard, "validate");
  if (typeof validate !== "function") throw new TypeError("not a schema");
  const result: unknown = validate(value);
  if (typeof read(result, "then") === "function") throw new TypeError("an asynchronous schema");
  const issues = read(result, "issues");
  return issues === undefined ? undefined : firstIssue(issues);
}

function firstIssue(issues: unknown): string {
  const [issue] = Array.isArray(issues) ? (issues as unknown[]) : [];
  const path = read(issue, "path");
  const where = Array.isArray(path) && path.length > 0 ? `/${path.join("/")}` : "the value";
  return `${where}: ${String(read(issue, "message") ?? "does not fit")}`;
}
