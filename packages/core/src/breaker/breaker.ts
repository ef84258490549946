import type { Clock } from "../ports/clock.ts";
import type { Gate } from "../ports/gate.ts";

/** Options of a circuit breaker; every one has a default. */
export interface BreakerOptions {
  /**
   * Share of failed calls that is tolerated: more, beyond doubt, opens (default 0.25; at most
   * 0.99).
   */
  readonly failureRate?: number;
  /** A call that takes longer is slow; slow calls do not count without it. */
  readonly slowCallMs?: number;
  /** Share of slow calls that is tolerated (default 0.25; at most 0.99). */
  readonly slowRate?: number;
  /** How far a circuit looks back (default 600,000). */
  readonly windowMs?: number;
  /** Fewer calls than this never open a circuit (default 5). */
  readonly minCalls?: number;
  /**
   * How long a circuit is open before it is probed (default 30,000); doubles with each failed
   * probe.
   */
  readonly openMs?: number;
  /** The longest that this grows to (default 300,000). */
  readonly maxOpenMs?: number;
  /** Probes at a time, and good ones in a row that close a circuit (default 3). */
  readonly probes?: number;
  /** The longest pause that a `Retry-After` can ask for (default 300,000). */
  readonly maxPauseMs?: number;
  /**
   * Whether a tool that answers `isError` has failed (default false: its arguments may be at
   * fault).
   */
  readonly countToolErrors?: boolean;
  /** Tools (globs) that may be called twice without harm: only their circuits are probed. */
  readonly idempotentTools?: readonly string[];
  /**
   * What to use while a model's circuit is open:
   * `{ "openai/gpt-5": "anthropic/claude-sonnet-4-5" }`.
   */
  readonly fallbacks?: Readonly<Record<string, string>>;
  /** Time, when the breaker is used without a guard; a guard brings its own. */
  readonly clock?: Clock;
  /** From 0 up to 1: shortens waits by up to a fifth, so that processes do not probe together. */
  readonly random?: () => number;
}

/**
 * `closed`: calls pass. `ramping`: closed again, with fewer calls at a time at first. `paused`: the
 * provider said when to come back. `open`: refused. `half-open`: a few probes pass. `forced-…`: by
 * a person.
 */
export type CircuitState =
  | "closed"
  | "ramping"
  | "paused"
  | "open"
  | "half-open"
  | "forced-open"
  | "forced-closed";

/** How a circuit stands, for whoever is on call. */
export interface CircuitStatus {
  /** `provider/model`, `tool:name` or `tool:server/name`. */
  readonly key: string;
  readonly state: CircuitState;
  /** Epoch milliseconds since when it is so; undefined for a circuit that never changed. */
  readonly sinceMs: number | undefined;
  /** Over the window. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Epoch milliseconds at which calls pass again; undefined while they pass. */
  readonly retryAtMs: number | undefined;
  /** In plain words. */
  readonly why: string | undefined;
}

/** Who forces a circuit, why, and for how long. */
export interface ForceOptions {
  readonly reason: string;
  readonly by: string;
  /** Ends by itself after this long, at most 24 days. */
  readonly ttlMs: number;
}

/** Who resets a circuit, why, and what of it. */
export interface ResetOptions {
  readonly reason: string;
  readonly by: string;
  /**
   * Whether only what `by` forced of no more circuits is taken back, so that what others forced
   * counts again (default false: all is).
   */
  readonly isOwn?: boolean;
}

/** A circuit changed its state. */
export interface CircuitEvent {
  /** The circuit, or the pattern that somebody forced. */
  readonly key: string;
  /** In plain words: `7 of 8 calls failed in the last 10 minutes; 25 % are tolerated`. */
  readonly why: string;
  readonly failures: number;
  readonly slow: number;
  readonly calls: number;
  /** Epoch milliseconds at which calls pass again. */
  readonly retryAtMs: number | undefined;
  /** Who forced it; undefined when nobody did. */
  readonly by: string | undefined;
}

/** Names of events that tell of circuits. */
export type CircuitEventName =
  | "circuit-opened"
  | "circuit-half-opened"
  | "circuit-closed"
  | "circuit-paused";

/**
 * One circuit for each model of a provider and for each tool. Targets are keys as `circuits()`
 * lists them, or globs of them: `openai/*`.
 */
export interface Breaker extends Gate {
  /** Every circuit that has counted calls lately or is not closed. */
  circuits(): readonly CircuitStatus[];
  /** Refuses every call of the target; returns the keys of the circuits that it covers now. */
  forceOpen(target: string, options: ForceOptions): readonly string[];
  /** Lets every call of the target pass, whatever fails. */
  forceClose(target: string, options: ForceOptions): readonly string[];
  /** Takes back what was forced, closes circuits and forgets what they counted. */
  reset(target: string, why: ResetOptions): readonly string[];
}
