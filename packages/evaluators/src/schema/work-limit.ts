import { _, type Ajv, type CodeKeywordDefinition } from "ajv";

/** Some 0.1 s of checking. A value that fits takes a few units for each of its fields. */
const MAX_UNITS = 2_000_000;
const REFERENCES = ["$ref", "$dynamicRef", "$recursiveRef"];

let unitsLeft = 0;

/** A schema asks for more work than any honest one: there is no verdict. */
export class TooMuchWorkError extends Error {
  override readonly name = "TooMuchWorkError";
}

/**
 * Refuses a schema whose compilation would take long: it grows with the square of what stands side
 * by side, some 0.3 s at 1,000 parts. A schema is an object or a boolean, so these are counted.
 * @throws {TooMuchWorkError} beyond so many.
 */
export function checkParts(schema: unknown, maxParts: number): void {
  if (maxParts === Infinity) return;
  let parts = 0;
  const open = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    parts += 1;
    if (parts > maxParts) {
      throw new TooMuchWorkError(`the schema has more than ${maxParts} parts`);
    }
    for (const value of Object.values(next as object)) if (isPart(value)) open.push(value);
  }
}

function isPart(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "boolean";
}

/**
 * Runs one check with a bound on its work. A schema of a few hundred characters, in which each
 * definition names the next one twice, would block the process for days.
 * @throws {TooMuchWorkError}
 */
export function withinWorkLimit<T>(check: () => T): T {
  unitsLeft = MAX_UNITS;
  return check();
}

/**
 * Counts work of the check under way. One unit is about what a reference costs.
 * @throws {TooMuchWorkError}
 */
export function spendWork(units: number): void {
  unitsLeft -= units;
  if (unitsLeft < 0) {
    throw new TooMuchWorkError("the schema refers to itself too often: it takes too long to check");
  }
}

/** Makes a validator count each reference that it follows; all else is done once a reference. */
export function countReferences(validator: Ajv): void {
  for (const keyword of REFERENCES) {
    const definition = validator.getKeyword(keyword);
    if (typeof definition === "boolean" || !("code" in definition)) continue;
    validator.removeKeyword(keyword).addKeyword(counted(definition));
  }
}

function counted(definition: CodeKeywordDefinition): CodeKeywordDefinition {
  return {
    ...definition,
    code: (context, ruleType) => {
      const spend = context.gen.scopeValue("func", { ref: spendWork });
      context.gen.code(_`${spend}(1)`);
      definition.code(context, ruleType);
    },
  };
}
