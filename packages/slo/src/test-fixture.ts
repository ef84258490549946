import { createMemoryStore, type StateStore } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { createSloEngine } from "./engine/create-slo-engine.ts";
import type { SloEngine, SloEngineOptions } from "./engine/slo-engine.ts";
import { objective } from "./objective/create-objective.ts";
import type { Objective, ObjectiveOptions } from "./objective/objective.ts";

/** Noon UTC on a Thursday, the first of a month and of a quarter. */
export const START_MS: number = Date.UTC(2026, 0, 1, 12);

/** An objective of which a test says only what matters to it. */
export function anObjective(options: Partial<ObjectiveOptions> = {}): Objective {
  return objective({ name: "tasks", sli: "task_success", target: 0.99, window: "30d", ...options });
}

/** An engine on a clock that stands still until it is told to move. */
export function anEngine(
  objectives: SloEngineOptions["objectives"],
  options: Partial<SloEngineOptions> = {},
): { readonly engine: SloEngine; readonly clock: FakeClock } {
  const clock = (options.clock as FakeClock | undefined) ?? createFakeClock(START_MS);
  return { engine: createSloEngine({ objectives, clock, ...options }), clock };
}

/** Records so many events, the bad ones first. */
export function record(engine: SloEngine, total: number, bad: number, sli = "task_success"): void {
  for (let index = 0; index < total; index++) engine.record({ sli, good: index >= bad });
}

/** Numbers from 0 up to 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The state port of a store in memory. */
export function aState(): StateStore {
  const clock = createFakeClock(START_MS);
  return createMemoryStore({ clock }).state;
}
