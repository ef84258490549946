import { quote } from "../config/describe.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { Barrier } from "./circuit.ts";
import { durationText } from "./circuit-text.ts";

/** What a refusal says of a circuit. */
export interface RefusedBy {
  readonly key: string;
  readonly barrier: Barrier;
  readonly why: string | undefined;
  readonly failures: number;
  readonly slow: number;
  readonly calls: number;
  /** The next model in the chain whose circuit lets calls pass. */
  readonly fallback: string | undefined;
}

const STATES = {
  open: "is open",
  paused: "is paused",
  "half-open": "is being probed, and its probes are out",
  ramping: "has just closed, and only a few calls at a time may pass",
  "forced-open": "is open",
} as const;

/** `BR5001`: which circuit, why, when it will be tried again, and what to do meanwhile. */
export function circuitRefusal(by: RefusedBy): Refusal {
  const { key, barrier, why, failures, slow, calls, fallback } = by;
  const { state, retryAfterMs, by: forcedBy } = barrier;
  const because = why === undefined ? "" : `: ${why}`;
  const next = retryAfterMs === undefined ? "" : ` Try again in ${durationText(retryAfterMs)}.`;
  const instead = fallback === undefined ? "" : ` Use ${quote(fallback)} meanwhile.`;
  return {
    code: "BR5001",
    message: `the circuit of ${quote(key)} ${STATES[state]}${because}.${next}${instead} guard.breaker.forceClose lets calls pass at once.`,
    scope: `circuit:${key}`,
    details: {
      key,
      state,
      retryAfterMs: retryAfterMs ?? null,
      failures,
      slow,
      calls,
      fallback,
      ...(forcedBy !== undefined && { by: forcedBy }),
    },
  };
}
