import type { Guard } from "@burnrate/core";
import type { FoldCounter } from "../accumulate/family.ts";
import type { LabelCap } from "../accumulate/label-cap.ts";
import { METRIC, OWN } from "../semantic-conventions.ts";
import { type MetricFamily, numbers, single } from "./metric-family.ts";
import { SliEvents } from "./sli-events.ts";

/**
 * The guards that share an exporter, and what those that were closed have counted: counters only
 * rise, and guards that come and go leave nothing else behind.
 */
export class AttachedGuards implements Iterable<Guard> {
  readonly #guards = new Set<Guard>();
  readonly #events: SliEvents;
  /** What closed guards have dropped. */
  readonly #dropped: Record<string, number> = {};

  constructor(cap: LabelCap, counter: FoldCounter, withAgent: boolean) {
    this.#events = new SliEvents(cap, counter, withAgent);
  }

  add(guard: Guard): void {
    this.#guards.add(guard);
  }

  /** Keeps its counts, and lets it go. */
  remove(guard: Guard): void {
    if (!this.#guards.delete(guard)) return;
    const { series, dropped } = guard.metrics();
    this.#events.keep(series);
    addTo(this.#dropped, dropped);
  }

  [Symbol.iterator](): Iterator<Guard> {
    return this.#guards.values();
  }

  /** As they are now; `dropped` is what the exporter itself has. */
  collect(dropped: Readonly<Record<string, number>>): MetricFamily[] {
    const guards = [...this.#guards];
    const snapshots = guards.map((guard) => guard.metrics());
    const what: Record<string, number> = { ...dropped };
    addTo(what, this.#dropped);
    let inFlight = 0;
    for (const { calls, dropped: theirs } of snapshots) {
      inFlight += calls.inFlight;
      addTo(what, theirs);
    }
    // Guards that share a store are under the same kills.
    const kills = new Set(guards.flatMap((guard) => guard.kills().map(({ id }) => id)));
    const circuits = guards.flatMap((guard) => guard.circuits());
    return [
      single(METRIC.inFlight, inFlight),
      single(METRIC.kills, kills.size),
      single(METRIC.openCircuits, circuits.filter(({ state }) => state === "open").length),
      this.#events.family(snapshots.flatMap(({ series }) => series)),
      numbers(
        METRIC.dropped,
        Object.entries(what).map(([name, value]) => ({ labels: { [OWN.what]: name }, value })),
      ),
    ];
  }
}

function addTo(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
}
