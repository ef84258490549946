import type { Clock, Guard, StateStore } from "@burnrate/core";
import type { AbsenceRule } from "../objective/absence-rule.ts";
import type { Composite } from "../objective/composite.ts";
import type { Objective } from "../objective/objective.ts";
import type { SliSample } from "./sample.ts";
import type { AbsenceEvent, SloEventName, SloEvents } from "./slo-events.ts";
import type { ObjectiveStatus } from "./status.ts";

/** What `createSloEngine` takes. */
export interface SloEngineOptions {
  /** Names are unique, composites' among them. */
  readonly objectives: readonly (Objective | Composite)[];
  /** Default the machine's. */
  readonly clock?: Clock;
  /** Rules that alert when nothing is heard. */
  readonly absences?: readonly AbsenceRule[];
  /**
   * Whether latency, cost and volume of every series are watched for what is unusual (default
   * false).
   */
  readonly anomalies?: boolean;
  /** Where counts survive a restart and meet those of other processes: `store.state`. */
  readonly state?: StateStore;
  /** How often counts are exchanged with `state`, in milliseconds (default 10,000). */
  readonly syncEveryMs?: number;
  /**
   * How often alerts, actions and absences are looked at while nobody asks, in milliseconds
   * (default 10,000).
   */
  readonly evaluateEveryMs?: number;
}

/** Events of one objective by outcome, since its engine was made. */
export interface ObjectiveCounts {
  readonly good: number;
  readonly bad: number;
  readonly excluded: number;
}

/** What an absence rule waits for, and when it was heard last. */
export interface HeardEvent {
  readonly rule: string;
  /** Epoch milliseconds; before the first event those at which the engine was made. */
  readonly lastEventAtMs: number;
}

/** A count that differs from ours. */
export interface CountDifference {
  readonly objective: string;
  readonly outcome: keyof ObjectiveCounts;
  readonly ours: number;
  readonly theirs: number;
}

/** Judges events by objectives. Make it with `createSloEngine`. */
export interface SloEngine {
  /** The objectives, composites left out, for rules and exporters. */
  readonly objectives: readonly Objective[];
  /** The absence rules, for rules of Prometheus. */
  readonly absenceRules: readonly AbsenceRule[];
  /**
   * Counts one event that the application saw; a guard's arrive through `attach`.
   * @throws {ConfigError} `BR9001` when it says neither `good` nor `value`.
   */
  record(sample: SliSample): void;
  /** @throws {ConfigError} `BR9001` for a name that is not an objective's. */
  status(name: string): ObjectiveStatus;
  /** All of them, in the order of their making. */
  statuses(): readonly ObjectiveStatus[];
  /**
   * Events since the engine was made, which only grow: what exporters export.
   * @throws {ConfigError} `BR9001` for a name that is not an objective's.
   */
  counts(name: string): ObjectiveCounts;
  /**
   * Where what somebody else counted since then (an exporter, a provider) is not what we did.
   * @throws {ConfigError} `BR9001` for a name that is not an objective's, and what is no counts.
   */
  crossCheck(
    exported: Readonly<Record<string, Partial<ObjectiveCounts>>>,
  ): readonly CountDifference[];
  /** When each absence rule heard something last: what exporters export. */
  lastHeard(): readonly HeardEvent[];
  /** What is silent. */
  absences(): readonly AbsenceEvent[];
  /**
   * Whether a `freeze` is in force now, of one objective or of any: rollouts must not go on. A
   * process that has just begun asks the state port first: `await engine.sync()`.
   */
  isFrozen(name?: string): boolean;
  /**
   * Hears every event of a guard, and lets actions reach it. Returns a function that ends both.
   * @throws {ConfigError} `BR9001` for what is no guard or takes no more downgrades, and after
   *   `close`; nothing is attached then.
   */
  attach(guard: Guard): () => Promise<void>;
  /**
   * Calls back on each event until the returned function is called.
   * @throws {ConfigError} `BR9001` for an event that does not exist, and after `close`.
   */
  on<N extends SloEventName>(event: N, listener: (event: SloEvents[N]) => void): () => void;
  /**
   * Looks at alerts, actions and absences now; a timer does while somebody listens or is attached.
   */
  evaluate(): void;
  /** Exchanges counts with the state port now. Without one it does nothing. */
  sync(): Promise<void>;
  /**
   * Events that no objective is about, events of series too many to watch, listeners that threw.
   */
  metrics(): {
    readonly unmatched: number;
    readonly unwatched: number;
    readonly listenerErrors: number;
  };
  /**
   * Hands over what was counted, takes back what was done to guards, and stops. Afterwards it still
   * counts and answers, but nobody else hears of it; `attach` and `on` are refused.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
