import { createGuard, type Guard, type GuardOptions } from "burnrate";

/** Far from every limit, so that nothing is refused. */
export const THREE_BUDGETS: GuardOptions = {
  budgets: ["$1000000/day", "$1000000/month", "1000000000 calls/hour"],
  store: "memory",
};

/** Five limits and the circuit breaker: all that looks at a call today but the budgets. */
export const LIMITS_AND_BREAKER: GuardOptions = {
  limits: [
    "1000000/second",
    "1000000/second per agent",
    "1000000/minute per session",
    "1000 at once per model",
    "1000000 calls per session",
  ],
  breaker: true,
};

/** One money budget. */
export function newGuard(): Guard {
  return createGuard({ budgets: ["$1000000/day"], store: "memory" });
}

/** One money budget, five limits and the circuit breaker. */
export function newFullGuard(): Guard {
  return createGuard({ budgets: ["$1000000/day"], store: "memory", ...LIMITS_AND_BREAKER });
}
