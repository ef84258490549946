import { optionError } from "@burnrate/core/adapter";
import type { Objective } from "./objective.ts";

/** Whether somebody hands in an objective, or options of one. @throws {ConfigError} `BR9001` */
export function checkMade(path: string, given: unknown): Objective {
  const { kind } = (given ?? {}) as { readonly kind?: unknown };
  if (kind === "objective") return given as Objective;
  throw optionError(path, given, "made by objective(…)");
}
