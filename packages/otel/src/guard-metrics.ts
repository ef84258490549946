import type { Guard } from "@burnrate/core";
import { optionError } from "@burnrate/core/adapter";
import type { MetricFamily } from "./collect/metric-family.ts";

/** How to read a guard's metrics. */
export interface GuardMetrics {
  /** As they are now; balances of budgets as of the last refresh. */
  collect(): readonly MetricFamily[];
  /** Asks the store for balances. */
  refresh(): Promise<void>;
}

/** Under this name a guard is known to all copies of this package; it keeps no guard alive. */
const KEY: unique symbol = Symbol.for("burnrate.otel.guards.v2") as never;
const holder = globalThis as { [KEY]?: WeakMap<Guard, GuardMetrics> };
holder[KEY] ??= new WeakMap<Guard, GuardMetrics>();
const known: WeakMap<Guard, GuardMetrics> = holder[KEY];

/** From now on the guard's metrics are these; the first exporter of a guard counts. */
export function tellMetrics(guard: Guard, metrics: GuardMetrics): void {
  if (!known.has(guard)) known.set(guard, metrics);
}

/** @throws {ConfigError} `BR9001` for what is no guard with an exporter; `reader` is who asks. */
export function metricsOf(reader: string, guard: Guard): GuardMetrics {
  const metrics = typeof guard === "object" && guard !== null ? known.get(guard) : undefined;
  if (metrics !== undefined) return metrics;
  const expected = "a guard that was made with createGuard({ exporters: [otelExporter()] })";
  throw optionError(reader, guard, expected);
}
