import { withoutOtherTimes } from "./clock-times.ts";
import { withoutRegrouped } from "./digit-rows.ts";
import { type Fact, missingFacts } from "./fact.ts";
import { withoutGlued } from "./glued-names.ts";
import { numbersIn } from "./numbers.ts";
import { withoutOtherDays } from "./numeric-days.ts";

/** `v2` is a name in an answer; in a context it may be what `version 2` says. */
const VERSION = /\bv(?=\d)/gi;

/** Those of an answer's numbers and days that a context has in no form. */
export function missingNumbers(
  facts: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  const missing = missingFacts(facts, numbersIn(context.replace(VERSION, " ")));
  const others = withoutOtherTimes(withoutOtherDays(missing, answer, context), answer, context);
  return withoutGlued(withoutRegrouped(others, answer, context), answer, context);
}
