import type { Severity } from "../alerts/burn-rule.ts";

/**
 * How an objective stands. `no_data`: nothing was measured, which is not health. `low_coverage`:
 * too little of the time was. `burning`: an alert fires. `exhausted`: nothing is left of the
 * budget. `violated`: a target of 100 % was missed.
 */
export type ObjectiveState =
  | "no_data"
  | "low_coverage"
  | "healthy"
  | "burning"
  | "exhausted"
  | "violated";

/** One burn-rate rule and whether it fires. */
export interface AlertStatus {
  readonly severity: Severity;
  /** Keys of its windows in `burn`. */
  readonly long: string;
  readonly short: string;
  /** 0 for the alert of a target of 100 %. */
  readonly factor: number;
  readonly firing: boolean;
  /** Epoch milliseconds at which it was first seen firing; undefined while it does not. */
  readonly since: number | undefined;
  /** In plain words. */
  readonly text: string;
}

/** How an objective stands now. */
export interface ObjectiveStatus {
  readonly name: string;
  readonly state: ObjectiveState;
  /** Good and bad events (or slices) in the window; excluded ones are not among them. */
  readonly total: number;
  readonly bad: number;
  /** Events since the engine was made that say nothing. */
  readonly excluded: number;
  /**
   * Share of the budget that is used up: 0.2 is 20 %; above 1 it is overdrawn. Undefined without
   * data or budget.
   */
  readonly consumed: number | undefined;
  /** 1 − consumed; negative when it is overdrawn. */
  readonly remaining: number | undefined;
  /**
   * Error ratio ÷ budget by window (`"5m"`, `"1h"`, `"30d"`); undefined where nothing was measured.
   */
  readonly burn: Readonly<Record<string, number | undefined>>;
  /**
   * Share of the time since the first event, as far as the window reaches, in which something was
   * measured.
   */
  readonly coverage: number;
  readonly alerts: readonly AlertStatus[];
}

/** Whether an alert fires because of what was measured, and not because nothing was. */
export function isMeasured({ burn }: ObjectiveStatus, { factor, long }: AlertStatus): boolean {
  return factor === 0 || burn[long] !== undefined;
}
