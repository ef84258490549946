import { checkMethods } from "../config/check-object.ts";
import type { Gate } from "../ports/gate.ts";
import { createLimits } from "./create-limits.ts";
import type { LimitOptions, LimitsOptions } from "./limit.ts";

/**
 * The gate that `createGuard({ limits })` means: one that was made before, or one of these options.
 * Without any there is one with the defaults.
 * @throws {ConfigError} `BR9001`
 */
export function limitsFromOption(
  given: Gate | LimitsOptions | readonly (string | LimitOptions)[] | undefined,
): Gate {
  if (!isGate(given)) return createLimits(given);
  checkMethods("limits", given, ["look", "acquire"]);
  return given;
}

/** Half a gate is a mistake in a gate, not in options. */
function isGate(given: unknown): given is Gate {
  try {
    return typeof given === "object" && given !== null && ("look" in given || "acquire" in given);
  } catch {
    return false; // a Proxy that throws; the check of options says so
  }
}
