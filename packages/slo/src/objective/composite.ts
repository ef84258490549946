import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";

/** Several objectives seen as one, and said to be so. */
export interface CompositeOptions {
  /** Unique in an engine, objectives' names included. */
  readonly name: string;
  /** Names of the objectives that it is made of. */
  readonly of: readonly string[];
  /** `worst` (default): as bad as its worst part. `mean`: what the parts consumed, on average. */
  readonly by?: "worst" | "mean";
}

/** A checked composite. It counts nothing itself. */
export interface Composite {
  readonly kind: "composite";
  readonly name: string;
  readonly of: readonly string[];
  readonly by: "worst" | "mean";
}

/**
 * Makes a composite of objectives of the same engine.
 * @throws {ConfigError} `BR9001`
 */
export function compositeObjective(options: CompositeOptions): Composite {
  const given = checkObject("compositeObjective", options);
  refuseUnknownKeys("compositeObjective", given, ["name", "of", "by"]);
  const name = checkString("compositeObjective.name", given["name"]);
  const path = `compositeObjective ${JSON.stringify(name)}`;
  const of = checkArray(`${path}.of`, given["of"], 100).map((one, index) =>
    checkString(`${path}.of[${index}]`, one),
  );
  if (of.length < 2 || new Set(of).size < of.length) {
    throw optionError(`${path}.of`, given["of"], "at least two different objectives");
  }
  const by = checkOneOf(`${path}.by`, given["by"] ?? "worst", ["worst", "mean"]);
  return Object.freeze({ kind: "composite" as const, name, of, by });
}
