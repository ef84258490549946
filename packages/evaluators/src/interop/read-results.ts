import { read } from "../shape.ts";

const MAX_RESULTS = 100;
const MAX_REASON = 2_000;
const NAME_KEYS = ["name", "key"] as const;
const REASON_KEYS = ["explanation", "comment", "reason", "reasoning"] as const;

/** One result of an evaluator of another library. */
export interface ForeignResult {
  readonly name: string | undefined;
  /** A number, a category, or undefined: not measured. */
  readonly value: number | string | undefined;
  readonly reason: string;
}

/**
 * Reads what libraries answer:
 * `{ name | key, score | value, label, explanation | comment | reason | metadata.rationale
 * }`, a bare number, boolean or category, or a list of these. True is 1. Null and NaN are no
 * numbers, and certainly not 0. Undefined when it cannot be read, or is beyond 100.
 */
export function readResults(answer: unknown): readonly ForeignResult[] | undefined {
  try {
    if (!Array.isArray(answer)) return [readResult(answer)];
    return answer.length > MAX_RESULTS ? undefined : Array.from<unknown>(answer).map(readResult);
  } catch {
    return undefined; // a Proxy that throws, or is revoked
  }
}

function readResult(result: unknown): ForeignResult {
  const bare = toValue(result);
  if (bare !== undefined) return { name: undefined, value: bare, reason: "" };
  const score = read(result, "score");
  const held = score === undefined ? read(result, "value") : score;
  const value = toValue(held === undefined ? read(result, "label") : held);
  const rationale = read(read(result, "metadata"), "rationale");
  const reasons = [...REASON_KEYS.map((key) => read(result, key)), rationale];
  return {
    name: firstText(NAME_KEYS.map((key) => read(result, key))),
    value,
    reason: (firstText(reasons) ?? "").slice(0, MAX_REASON),
  };
}

function firstText(values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === "string" && value !== "") as string | undefined;
}

function toValue(held: unknown): number | string | undefined {
  if (typeof held === "boolean") return Number(held);
  if (typeof held === "string") return held;
  return typeof held === "number" && Number.isFinite(held) ? held : undefined;
}
