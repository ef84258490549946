import { checkMethods } from "../config/check-object.ts";
import type { Gate } from "../ports/gate.ts";
import type { Breaker, BreakerOptions } from "./breaker.ts";
import { createBreaker } from "./create-breaker.ts";

/**
 * Makes the breaker that `createGuard` was asked for; a gate that was handed in stays what it is.
 * @throws {ConfigError} `BR9001`
 */
export function breakerFromOption(
  value: true | BreakerOptions | Gate | undefined,
): Gate | undefined {
  if (value === undefined) return undefined;
  if (!isGate(value)) return createBreaker(value);
  checkMethods("breaker", value, ["look", "acquire"]);
  return value;
}

/** Whether a gate has circuits that can be listed and forced. */
export function isBreaker(gate: Gate | undefined): gate is Breaker {
  return has(gate, "circuits") && has(gate, "forceOpen");
}

function isGate(value: unknown): value is Gate {
  return has(value, "look") || has(value, "acquire");
}

function has(value: unknown, key: string): boolean {
  try {
    return typeof value === "object" && value !== null && key in value;
  } catch {
    return false; // a Proxy that throws
  }
}
