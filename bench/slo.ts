import { createSloEngine, type Objective, objective, type SloEngine } from "@burnrate/slo";
import { type Clock, systemClock } from "burnrate";
import { bytesInUse, type Measured, measure, quick, toMeasured } from "./measure.ts";

const ROUNDS = quick ? 100_000 : 2_000_000;
const OBJECTIVES = 10_000;
const DAY_MS = 86_400_000;
const UNIT = "million/s";
const SECONDS_APART = quick ? 600 : 30;

interface Moving extends Clock {
  nowMs: number;
}

function movingClock(): Moving {
  const clock: Moving = {
    ...systemClock,
    nowMs: Date.UTC(2026, 0, 1),
    wallMs: () => clock.nowMs,
    monotonicMs: () => clock.nowMs,
    setTimer: () => () => {},
  };
  return clock;
}

function tasks(name: string, agent?: string): Objective {
  const match = agent === undefined ? {} : { agent };
  return objective({ name, sli: "task_success", target: 0.99, window: "30d", match });
}

/** An engine that has seen so many days of calls, 1 in 400 of which failed. */
function engineAfter(days: number): { readonly engine: SloEngine; readonly clock: Moving } {
  const clock = movingClock();
  const engine = createSloEngine({ objectives: [tasks("tasks")], clock });
  const calls = (days * DAY_MS) / (SECONDS_APART * 1_000);
  for (let call = 0; call < calls; call++) {
    clock.nowMs += SECONDS_APART * 1_000;
    engine.record({ sli: "task_success", good: call % 400 !== 0 });
  }
  return { engine, clock };
}

function millionsASecond(work: () => void): number {
  const startedMs = performance.now();
  for (let round = 0; round < ROUNDS; round++) work();
  return ROUNDS / (performance.now() - startedMs) / 1_000;
}

/** How often a second what is left of both does, when one of the two is taken away. */
function less(both: number, one: number): number {
  return 1 / (1 / both - 1 / one);
}

async function statuses(): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const days of [1, 30]) {
    const { engine, clock } = engineAfter(days);
    const after = `after ${days} day${days === 1 ? "" : "s"}`;
    let read = 0;
    const look = (): void => {
      read += engine.status("tasks").total;
    };
    const target = "≥ 5";
    rows.push(
      await measure(`status, 8 windows, ${after}`, UNIT, () => millionsASecond(look), {
        target,
      }),
    );
    const good = { sli: "task_success", good: true } as const;
    const both = (): void => {
      engine.record(good);
      look();
    };
    const only = (): void => engine.record(good);
    const changed = await measure(`  record + status that it changed, ${after}`, UNIT, () =>
      millionsASecond(both),
    );
    const alone = await measure(`  record alone, ${after}`, UNIT, () => millionsASecond(only));
    const status = changed.runs.map((rate, run) => less(rate, alone.runs[run] ?? Number.NaN));
    rows.push(toMeasured(`status that an event changed, ${after}`, UNIT, status, target));
    rows.push(changed, alone);
    const later = (): void => {
      clock.nowMs += 10_000;
      both();
    };
    rows.push(
      await measure(`  10 s later, record + status, ${after}`, UNIT, () => millionsASecond(later)),
    );
    if (read === 0) throw new Error("nothing was read");
  }
  return rows;
}

/** 10,000 objectives, each with events of its own in every minute of an hour. */
function memory(): Measured[] {
  const before = bytesInUse();
  const clock = movingClock();
  const objectives = Array.from({ length: OBJECTIVES }, (_, index) =>
    tasks(`objective-${index}`, `agent-${index}`),
  );
  const engine = createSloEngine({ objectives, clock });
  for (let minute = 0; minute < 60; minute++) {
    clock.nowMs += 60_000;
    for (let index = 0; index < OBJECTIVES; index++) {
      engine.record({ sli: "task_success", good: minute !== 7, agent: `agent-${index}` });
    }
  }
  for (const { name } of objectives) engine.status(name);
  const megabytes = (bytesInUse() - before) / 1e6;
  if (engine.status("objective-0").total !== 60) throw new Error("events were lost");
  return [
    toMeasured("10,000 objectives over 30 days, with events", "MB", [megabytes], "≤ 250"),
    toMeasured("  one objective", "KB", [(megabytes * 1_000) / OBJECTIVES], "≈ 20"),
  ];
}

/** Evaluations and records a second, and what objectives cost in memory. */
export async function measureSlo(): Promise<Measured[]> {
  return [...memory(), ...(await statuses())];
}
