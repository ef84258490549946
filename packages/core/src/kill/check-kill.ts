import { checkOneOf, checkString, refuseUnknownKeys } from "../config/check-object.ts";
import { ConfigError } from "../errors/config-error.ts";
import type { KillLevel, KillTarget } from "./kill-scope.ts";
import type { KillOptions } from "./kill-switch.ts";

const SCOPE_KEYS = [
  "org",
  "team",
  "user",
  "agent",
  "session",
  "task",
  "tool",
  "model",
  "provider",
  "budget",
] as const;
const OPTION_KEYS = ["reason", "by", "level", "ttlMs", "ackTimeoutMs"] as const;
const LEVELS: readonly KillLevel[] = ["drain", "stop", "abort"];

/**
 * Checks a target and copies it, so that it cannot change after the fact.
 * @throws {ConfigError} `BR9001`; an empty scope is refused, because it would mean everything.
 */
export function checkKillTarget(target: KillTarget): KillTarget {
  if (target === "everything") return target;
  if (typeof target !== "object" || target === null) {
    throw new ConfigError({
      message: `kill target must be "everything" or a scope such as { agent: "support" }.`,
      scope: "kill.target",
    });
  }
  refuseUnknownKeys("kill.target", target, SCOPE_KEYS);
  const entries = Object.entries(target).filter(([, value]) => value !== undefined);
  if (entries.length === 0) {
    throw new ConfigError({
      message: `kill target is an empty scope. To stop everything say "everything"; otherwise name at least one of ${SCOPE_KEYS.join(", ")}.`,
      scope: "kill.target",
    });
  }
  for (const [key, value] of entries) checkString(`kill.target.${key}`, value);
  return Object.freeze(Object.fromEntries(entries));
}

/** Checks who, why, how hard and how long. @throws {ConfigError} `BR9001` */
export function checkKillOptions(options: KillOptions): void {
  refuseUnknownKeys("kill.options", options, OPTION_KEYS);
  checkReason("kill", options);
  if (options.level !== undefined) checkOneOf("kill.options.level", options.level, LEVELS);
  checkDuration("kill.options.ttlMs", options.ttlMs);
  checkDuration("kill.options.ackTimeoutMs", options.ackTimeoutMs);
}

/** Reason and actor are required of every change. @throws {ConfigError} `BR9001` */
export function checkReason(
  action: string,
  given: { readonly reason: string; readonly by: string },
): void {
  checkString(`${action}.reason`, given?.reason);
  checkString(`${action}.by`, given?.by);
}

function checkDuration(path: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  throw new ConfigError({
    message: `${path} must be a positive number of milliseconds, not ${String(value)}. Leave it out for a kill without end.`,
    scope: path,
  });
}
