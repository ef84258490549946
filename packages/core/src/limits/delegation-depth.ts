import type { PendingCall } from "../call/pending-call.ts";
import { quote } from "../config/describe.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { depthOf } from "../task/open-task.ts";

/**
 * Refuses calls of agents that too many others stand above; what the SLI `delegation_depth` counts.
 */
export class DelegationDepth {
  readonly #most: number;
  /** The last agent that was not too deep: most calls are of the same one. */
  #allowed: string | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  check({ context }: PendingCall): Refusal | undefined {
    const { agent } = context;
    if (agent === this.#allowed || agent === undefined) return undefined;
    const depth = depthOf(context);
    if (depth > this.#most) return depthRefusal(agent, depth, this.#most);
    this.#allowed = agent;
    return undefined;
  }
}

function depthRefusal(agent: string, depth: number, allowed: number): Refusal {
  return {
    code: "BR4004",
    message: `${depth} agents stand above the one that calls (${quote(agent)}), and ${allowed} are allowed. Flatten the delegation, or raise maxDelegationDepth in the limits of createGuard.`,
    scope: "delegation-depth",
    details: { agent, depth, allowed, retryAfterMs: null },
  };
}
