import type { MetricsSnapshot } from "../sli/metrics-snapshot.ts";

/** What `guard.metrics()` returns: indicators, and a count of everything that was dropped. */
export interface Metrics extends MetricsSnapshot {
  readonly calls: { readonly settled: number; readonly refused: number; readonly inFlight: number };
  /**
   * Calls whose output limit could not be sent to the provider: outside the no-overshoot guarantee.
   */
  readonly assumedBounds: number;
  readonly dropped: {
    readonly evaluations: number;
    /** Sources of answers that made room for newer ones, were too long or could not be read. */
    readonly sources: number;
    /** Events that a listener of `guard.on` threw at. */
    readonly listenerErrors: number;
    readonly exporterErrors: number;
    readonly auditErrors: number;
    /** Settlements and kill entries that the store did not take when it was told of them. */
    readonly settlements: number;
    /**
     * Spent accounts of tasks and sessions that made room: who goes on has the whole limit again.
     */
    readonly accounts: number;
    /** Sessions and tasks that limits forgot to make room: their counts begin anew. */
    readonly limitKeys: number;
  };
}
