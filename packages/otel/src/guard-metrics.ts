import type { Guard } from "@burnrate/core";
import type { MetricFamily } from "./collect/metric-family.ts";

type Collect = () => readonly MetricFamily[];

/** Under this name a guard is known to all copies of this package; it keeps no guard alive. */
const KEY: unique symbol = Symbol.for("burnrate.otel.guards.v1") as never;
const holder = globalThis as { [KEY]?: WeakMap<Guard, Collect> };
holder[KEY] ??= new WeakMap<Guard, Collect>();
const known: WeakMap<Guard, Collect> = holder[KEY];

/** From now on the guard's metrics are these; the first exporter of a guard counts. */
export function tellFamilies(guard: Guard, collect: Collect): void {
  if (!known.has(guard)) known.set(guard, collect);
}

/** How to read a guard's metrics; undefined for one without an exporter. */
export function familiesOf(guard: Guard): Collect | undefined {
  return typeof guard === "object" && guard !== null ? known.get(guard) : undefined;
}
