import { checkScopeField, refuseBothKinds } from "../budget/scope-field.ts";
import { checkObject, checkOneOf, checkString, refuseUnknownKeys } from "../config/check-object.ts";
import { nearest } from "../config/nearest.ts";
import { oneLine } from "../config/one-line.ts";
import { optionError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import type { ChangeReason } from "../guard/guard.ts";
import type { KillOptions } from "./kill-options.ts";
import type { KillLevel, KillScope, KillTarget } from "./kill-scope.ts";

const SCOPE_KEYS: readonly (keyof KillScope)[] = [
  "org",
  "team",
  "user",
  "agent",
  "session",
  "task",
  "budget",
  "tool",
  "model",
  "provider",
];
const OPTION_KEYS = ["reason", "by", "level", "ttlMs", "ackTimeoutMs"] as const;
const EVERYTHING = ["everything"];
const LEVELS: readonly KillLevel[] = ["throttle", "drain", "stop", "abort"];
/** How errors show what tells who and why. */
const WHY = 'an object such as { reason: "loops", by: "on-call" }';
/** Longest reason that is kept. */
const MAX_REASON = 500;
/** Longest time that timers can wait. */
const MAX_MS = 2 ** 31 - 1;

/**
 * Checks a target and copies it, so that it cannot change after the fact.
 * @throws {ConfigError} `BR9001`; an empty scope is refused, because it would mean everything, and
 * so is a field that is there and undefined, because the others alone may cover a whole org.
 */
export function checkKillTarget(target: KillTarget): KillTarget {
  if (target === "everything") return target;
  if (typeof target !== "object" || target === null) {
    throw optionError(
      "kill.target",
      target,
      '"everything" or a scope such as { agent: "support" }',
      { nearest: typeof target === "string" ? nearest(target, EVERYTHING) : undefined },
    );
  }
  const scope = checkObject("kill.target", target);
  refuseUnknownKeys("kill.target", scope, SCOPE_KEYS);
  const entries = Object.entries(scope);
  if (entries.length === 0) {
    throw new ConfigError({
      message: `kill target is an empty scope. To stop everything say "everything"; otherwise name at least one of ${SCOPE_KEYS.join(", ")}.`,
      scope: "kill.target",
    });
  }
  const unknown = Object.keys(target).find((key) => !(key in scope));
  if (unknown !== undefined) {
    const expected = "a name, or left out: without it the kill covers more than was meant";
    throw optionError(`kill.target.${unknown}`, undefined, expected);
  }
  for (const [key, value] of entries) {
    const path = `kill.target.${key}`;
    if (key === "budget") checkString(path, value);
    else checkScopeField(path, key, value);
  }
  refuseBothKinds("kill.target", scope);
  return Object.freeze(scope);
}

/** Checks who, why, how hard and how long. @throws {ConfigError} `BR9001` */
export function checkKillOptions(given: KillOptions): KillOptions {
  const options = checkObject("kill.options", given, WHY) as unknown as KillOptions;
  refuseUnknownKeys("kill.options", options, OPTION_KEYS);
  if (options.level !== undefined) checkOneOf("kill.options.level", options.level, LEVELS);
  checkDuration("kill.options.ttlMs", options.ttlMs, Number.MAX_SAFE_INTEGER);
  checkDuration("kill.options.ackTimeoutMs", options.ackTimeoutMs, MAX_MS);
  return { ...options, ...checkWhy("kill", options) };
}

/**
 * Reason and actor are required of every change. A reason is never refused for its form, because it
 * is written in an emergency: it becomes one line of at most 500 characters.
 * @throws {ConfigError} `BR9001`
 */
export function checkReason(action: string, given: ChangeReason): ChangeReason {
  const why = checkObject(`${action}.options`, given ?? {}, WHY);
  refuseUnknownKeys(`${action}.options`, why, ["reason", "by"]);
  return checkWhy(action, why);
}

function checkWhy(
  action: string,
  { reason, by }: { readonly reason?: unknown; readonly by?: unknown },
): ChangeReason {
  const line = typeof reason === "string" ? oneLine(reason, MAX_REASON) : "";
  if (line === "") throw optionError(`${action}.reason`, reason, "a text that says why");
  return { reason: line, by: checkString(`${action}.by`, by) };
}

function checkDuration(path: string, value: number | undefined, max: number): void {
  if (value === undefined || (Number.isFinite(value) && value > 0 && value <= max)) return;
  throw optionError(path, value, `a number of milliseconds above 0, at most ${max}`);
}
