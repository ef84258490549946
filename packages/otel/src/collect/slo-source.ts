/** One burn-rate rule of an objective, as a status tells it. */
export interface SloAlert {
  readonly severity: string;
  readonly long: string;
  readonly short: string;
  readonly firing: boolean;
}

/** What an engine says of one objective. What is not known is null, undefined or NaN. */
export interface SloStatus {
  readonly state: string;
  /** Share of the error budget that is left; negative when overspent. */
  readonly remaining: number | null | undefined;
  /** By window: `"5m"`, `"1h"`. */
  readonly burn: Readonly<Record<string, number | null | undefined>>;
  readonly alerts?: readonly SloAlert[];
}

/**
 * The part of an SLO engine that exporters read; `createSloEngine` of `@burnrate/slo` has it.
 * `counts` are events since the engine was made: counters, where a status is of a window.
 */
export interface SloSource {
  readonly objectives: readonly { readonly name: string }[];
  status(name: string): SloStatus;
  counts?(name: string): { readonly good: number; readonly bad: number };
  /** When each absence rule heard something last, in epoch milliseconds. */
  lastHeard?(): readonly { readonly rule: string; readonly lastEventAtMs: number }[];
}
