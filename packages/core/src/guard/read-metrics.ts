import type { GuardRuntime } from "./guard-runtime.ts";
import type { Metrics } from "./metrics.ts";

/** Indicators, and a count of everything that was dropped. */
export function readMetrics({
  sli,
  counters,
  inFlight,
  evaluations,
  sources,
  emitter,
  ledger,
  options,
}: GuardRuntime): Metrics {
  return {
    ...sli.snapshot(),
    calls: { settled: counters.settled, refused: counters.refused, inFlight: inFlight.size },
    assumedBounds: counters.assumedBounds,
    dropped: {
      evaluations: evaluations.dropped,
      sources: sources.dropped,
      listenerErrors: emitter.errors,
      exporterErrors: counters.exporterErrors,
      auditErrors: counters.auditErrors,
      settlements: counters.settlementErrors + (ledger.dropped ?? 0),
      limitKeys: options.limits?.forgotten ?? 0,
      accounts: ledger.forgotten?.() ?? 0,
    },
  };
}
