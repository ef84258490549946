import { createGuard, type Guard, type GuardOptions, type Store } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import type { SloEngine } from "../engine/slo-engine.ts";
import type { ActionOption } from "../objective/action.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import { anEngine, anObjective, START_MS } from "../test-fixture.ts";

export const MINUTE = 60_000;

/** A guard under one objective with an action, and what was told of it. */
export interface Fixture {
  readonly engine: SloEngine;
  readonly guard: Guard;
  readonly clock: FakeClock;
  readonly told: string[];
}

/** What processes of one fleet have in common; their guards have no breaker of their own. */
export interface Fleet {
  readonly clock: FakeClock;
  readonly store: Store;
}

export function withAction(
  action: ActionOption,
  options: Partial<ObjectiveOptions> = {},
  fleet?: Fleet,
): Fixture {
  return withObjectives([{ actions: [action], ...options }], fleet);
}

/** The same under several, of one agent unless they say otherwise. */
export function withObjectives(
  objectives: readonly Partial<ObjectiveOptions>[],
  fleet?: Fleet,
  more: Partial<GuardOptions> = {},
): Fixture {
  const clock = fleet?.clock ?? createFakeClock(START_MS);
  const { store, store: { state } = {} } = fleet ?? {};
  const guard = createGuard({
    clock,
    ...(fleet === undefined && { breaker: true }),
    budgets: ["1000000 calls/day"],
    ...(store && { store }),
    ...more,
  });
  const all = objectives.map((one) => anObjective({ match: { agent: "support" }, ...one }));
  const { engine } = anEngine(all, { clock, ...(state && { state }) });
  engine.attach(guard);
  const told: string[] = [];
  for (const name of ["action-engaged", "action-released", "action-failed"] as const) {
    engine.on(name, (event) => told.push(`${name} ${event.do}`));
  }
  return { engine, guard, clock, told };
}

/** Guards answer in a few turns of the event loop. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Twenty tasks in a row fail. */
export function burn(engine: SloEngine): void {
  for (let task = 0; task < 20; task++) {
    engine.record({ sli: "task_success", good: false, agent: "support" });
  }
  engine.evaluate();
}

/** Lets minutes go by, one by one. */
export async function pass(clock: FakeClock, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    clock.advance(MINUTE);
    await turns();
  }
}
