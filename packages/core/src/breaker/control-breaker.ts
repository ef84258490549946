import { ConfigError } from "../errors/config-error.ts";
import { audit, authorize } from "../guard/authorize-change.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { ControlAction } from "../ports/authorize.ts";
import type { Breaker, CircuitStatus, ForceOptions, ResetOptions } from "./breaker.ts";
import { checkForce, checkReset, checkTarget } from "./forces.ts";
import { isBreaker } from "./from-option.ts";

/**
 * A guard's circuits in the hands of whoever is on call. A target is a key as `guard.circuits()`
 * lists it (`openai/gpt-5`, `tool:search`) or a glob of keys (`openai/*`), also without what a
 * framework appends to a provider (`openai.responses`); it may name what nothing has called yet.
 * Each change goes through `authorize`, is an event and an audit record, holds in this process, and
 * resolves to the keys of the circuits that it covers now.
 */
export interface BreakerControl {
  /** Refuses every call of the target until `ttlMs` is over; then it is probed. */
  forceOpen(target: string, options: ForceOptions): Promise<readonly string[]>;
  /** Lets every call of the target pass until `ttlMs` is over, whatever fails. */
  forceClose(target: string, options: ForceOptions): Promise<readonly string[]>;
  /** Takes back what was forced, closes circuits and forgets what they counted. */
  reset(target: string, options: ResetOptions): Promise<readonly string[]>;
}

/** The circuits of a guard; none without a breaker of ours. */
export function readCircuits({ options }: GuardRuntime): readonly CircuitStatus[] {
  return isBreaker(options.breaker) ? options.breaker.circuits() : [];
}

/** Makes `guard.breaker`. */
export function controlBreaker(guard: GuardRuntime): BreakerControl {
  return {
    async forceOpen(given, options) {
      const { breaker, target } = check(guard, "forceOpen", given);
      const force = checkForce("forceOpen", options);
      const action = { action: "force-open" as const, target, ...force };
      return change(guard, action, () => breaker.forceOpen(target, force));
    },
    async forceClose(given, options) {
      const { breaker, target } = check(guard, "forceClose", given);
      const force = checkForce("forceClose", options);
      const action = { action: "force-close" as const, target, ...force };
      return change(guard, action, () => breaker.forceClose(target, force));
    },
    async reset(given, options) {
      const { breaker, target } = check(guard, "reset", given);
      const why = checkReset(options);
      const action = { action: "reset-circuit" as const, target, ...why };
      return change(guard, action, () => breaker.reset(target, why));
    },
  };
}

function check(
  { options }: GuardRuntime,
  action: string,
  target: string,
): { readonly breaker: Breaker; readonly target: string } {
  const { breaker } = options;
  if (isBreaker(breaker)) return { breaker, target: checkTarget(`${action}.target`, target) };
  throw new ConfigError({
    message: "this guard has no circuits. Give it some: createGuard({ breaker: true }).",
    scope: `breaker.${action}`,
  });
}

async function change(
  guard: GuardRuntime,
  action: ControlAction,
  apply: () => readonly string[],
): Promise<readonly string[]> {
  await authorize(guard, action);
  const keys = apply();
  await audit(guard, action);
  return keys;
}
