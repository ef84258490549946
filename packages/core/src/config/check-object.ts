import { quote } from "./describe.ts";
import { choiceError, optionError, unknownKeyError } from "./option-error.ts";

const CONTROL = /\p{Cc}/u;
/** Objects whose properties are all there is to them; the second is `import * as options`. */
const PLAIN: readonly string[] = ["[object Object]", "[object Module]"];

/** Inclusive bounds of a whole number. */
export interface WholeNumberBounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Copies an options object once, so that what was checked is what is used: getters run here and
 * never again, and keys whose value is undefined count as absent. `expected` may show one.
 * @throws {ConfigError} `BR9001` when it is no plain options object, or reading it throws.
 */
export function checkObject(
  path: string,
  value: unknown,
  expected = "an object",
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw optionError(path, value, expected);
  let copy: Record<string, unknown>;
  let inherits: boolean;
  let isOther: boolean;
  try {
    copy = { ...value };
    inherits = inheritsValues(value);
    isOther = Array.isArray(value) || isBuiltIn(value, copy);
  } catch {
    throw optionError(path, value, "an object whose properties can be read");
  }
  if (isOther) throw optionError(path, value, expected);
  if (inherits) {
    throw optionError(
      path,
      value,
      "an object with options of its own: inherited ones are not read",
    );
  }
  const isComplete = Object.values(copy).every((held) => held !== undefined);
  if (isComplete) return copy;
  return Object.fromEntries(Object.entries(copy).filter(([, held]) => held !== undefined));
}

/**
 * Whether what it holds is not in its properties: a `Map`, or a promise that somebody forgot to
 * await, would be taken for no options at all.
 */
function isBuiltIn(value: object, copy: object): boolean {
  if (Object.keys(copy).length > 0) return false;
  return !PLAIN.includes(Object.prototype.toString.call(value));
}

/** Whether a class or prototype holds values or getters that whoever wrote it means as options. */
function inheritsValues(value: object): boolean {
  let prototype: object | null = Object.getPrototypeOf(value);
  let above = prototype && Object.getPrototypeOf(prototype);
  while (prototype !== null && above !== null) {
    const properties = Object.values(Object.getOwnPropertyDescriptors(prototype));
    if (properties.some((property) => typeof property.value !== "function")) return true;
    prototype = above;
    above = Object.getPrototypeOf(above);
  }
  return false;
}

/**
 * Refuses misspelt options, which would otherwise leave someone unprotected without a word.
 * @throws {ConfigError} `BR9001` naming the nearest valid key.
 */
export function refuseUnknownKeys(
  path: string,
  object: object,
  allowedKeys: readonly string[],
): void {
  for (const key of Object.keys(object)) {
    if (!allowedKeys.includes(key)) throw unknownKeyError(path, key, allowedKeys);
  }
}

/**
 * A name or id: not empty or blank, no control characters, at most `maxLength` (200) characters.
 * @throws {ConfigError} `BR9001`
 */
export function checkString(path: string, value: unknown, maxLength = 200): string {
  const expected = `a non-empty string of at most ${maxLength} characters, no control characters`;
  const wrong =
    typeof value !== "string" ||
    value.length > maxLength ||
    value.trim() === "" ||
    CONTROL.test(value);
  if (wrong) throw optionError(path, value, expected);
  return value;
}

/**
 * `otherwise`: what it may be beside a word, which the caller has looked for.
 * @throws {ConfigError} `BR9001` naming the allowed words and the nearest of them.
 */
export function checkOneOf<const T extends string>(
  path: string,
  value: unknown,
  allowed: readonly T[],
  otherwise?: string,
): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw choiceError(path, value, allowed, otherwise);
  return found;
}

/**
 * A whole number from `min` (0) to `max` (2^53 − 1).
 * @throws {ConfigError} `BR9001`
 */
export function checkWholeNumber(
  path: string,
  value: unknown,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: WholeNumberBounds = {},
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw optionError(path, value, `a whole number from ${min} to ${max}`);
}

/**
 * A fraction above 0 and up to 1; `allowZero` lets 0 in, for rates that can be switched off.
 * @throws {ConfigError} `BR9001`
 */
export function checkFraction(
  path: string,
  value: unknown,
  { allowZero = false }: { readonly allowZero?: boolean } = {},
): number {
  const fits = typeof value === "number" && value <= 1 && (allowZero ? value >= 0 : value > 0);
  if (fits) return value;
  throw optionError(path, value, allowZero ? "a number from 0 to 1" : "above 0 and at most 1");
}

/** @throws {ConfigError} `BR9001` */
export function checkBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw optionError(path, value, "true or false");
}

/**
 * A list of at most `maxLength` (1,000) entries, copied.
 * @throws {ConfigError} `BR9001`
 */
export function checkArray(path: string, value: unknown, maxLength = 1_000): readonly unknown[] {
  const example = typeof value === "string" ? `, such as [${quote(value)}]` : "";
  const expected = `an array of at most ${maxLength} entries${example}`;
  try {
    if (Array.isArray(value) && value.length <= maxLength) return Array.from<unknown>(value);
  } catch {
    // A Proxy that throws is no array.
  }
  throw optionError(path, value, expected);
}

/** @throws {ConfigError} `BR9001` */
export function checkFunction(path: string, value: unknown): void {
  if (typeof value !== "function") throw optionError(path, value, "a function");
}

/**
 * An object, of any class, that has these methods: how a port is recognised when it is handed in.
 * @throws {ConfigError} `BR9001` naming the method that is missing.
 */
export function checkMethods(path: string, value: unknown, methods: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    const noun = methods.length === 1 ? "method" : "methods";
    throw optionError(path, value, `an object with the ${noun} ${methods.join(", ")}`);
  }
  for (const method of methods) {
    let held: unknown;
    try {
      held = (value as Record<string, unknown>)[method];
    } catch {
      held = undefined;
    }
    checkFunction(`${path}.${method}`, held);
  }
}
