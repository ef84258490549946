import { optionError, quote } from "@burnrate/core/adapter";
import type { AbsenceRule } from "./absence-rule.ts";
import type { Composite } from "./composite.ts";
import type { Objective } from "./objective.ts";

/** What factories of ours make. */
interface Made {
  readonly objective: Objective;
  readonly composite: Composite;
  readonly absence: AbsenceRule;
}

type Kind = keyof Made;

const FACTORIES = {
  objective: "objective(…)",
  composite: "compositeObjective(…)",
  absence: "absenceRule(…)",
} as const satisfies Record<Kind, string>;

/** What each of a kind has; what may be undefined is left out. */
const PARTS: { readonly [K in Kind]: readonly (keyof Made[K])[] } = {
  objective: [
    "name",
    "sli",
    "target",
    "window",
    "match",
    "method",
    "rules",
    "actions",
    "sources",
    "minCoverage",
    "notes",
    "options",
  ],
  composite: ["name", "of", "by"],
  absence: ["name", "match", "afterMs"],
};

/**
 * Whether somebody hands in what a factory made, and not its options or a part of it.
 * @throws {ConfigError} `BR9001` that names what is missing.
 */
export function checkMade<K extends Kind>(
  path: string,
  given: unknown,
  kinds: readonly K[],
  because = "",
): Made[K] {
  const by = `made by ${kinds.map((one) => FACTORIES[one]).join(" or ")}`;
  const { kind } = (given ?? {}) as { readonly kind?: unknown };
  const known = kinds.find((one) => one === kind);
  if (known === undefined) throw optionError(path, given, by + because);
  const parts = given as Readonly<Record<string, unknown>>;
  const missing = PARTS[known].map(String).filter((part) => parts[part] === undefined);
  if (missing.length === 0) return given as Made[K];
  throw optionError(path, given, `${by}: it has no ${missing.map(quote).join(", ")}`);
}
