import type { Evidence } from "../evaluator.ts";

/** Something checkable in a text: where it stands, and the form in which it is compared. */
export interface Fact extends Evidence {
  readonly key: string;
  /**
   * Another reading, all of it together: `1.000` is 1 or 1000, `10 200` is one number or two. An
   * empty one: it may be nothing of the kind.
   */
  readonly other?: readonly string[];
}

/** The forms of all facts, in every reading. */
export function keysOf(facts: readonly Fact[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { key, other } of facts) {
    keys.add(key);
    if (other !== undefined) for (const part of other) keys.add(part);
  }
  return keys;
}

/** Those of the answer that the context has in no reading. */
export function missingFacts(answer: readonly Fact[], context: readonly Fact[]): readonly Fact[] {
  if (answer.length === 0) return answer;
  const known = keysOf(context);
  return answer.filter(
    ({ key, other }) => !known.has(key) && !(other?.every((part) => known.has(part)) ?? false),
  );
}
