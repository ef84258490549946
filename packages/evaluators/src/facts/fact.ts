import type { Evidence } from "../evaluator.ts";

/** Something checkable in a text: where it stands, and the form in which it is compared. */
export interface Fact extends Evidence {
  readonly key: string;
}

/** Those of the answer that the context has not. */
export function missingFacts(answer: readonly Fact[], context: readonly Fact[]): readonly Fact[] {
  if (answer.length === 0) return answer;
  const known = new Set(context.map((fact) => fact.key));
  return answer.filter((fact) => !known.has(fact.key));
}
