import type { StateStore } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { absenceRule } from "../objective/absence-rule.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import { anEngine, anObjective, aState, record, START_MS, seeded } from "../test-fixture.ts";
import type { SloEngine } from "./slo-engine.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Everything of a status but when an alert began, which each process saw for itself. */
function seen(engine: SloEngine): unknown {
  const { alerts, ...rest } = engine.status("tasks");
  return { ...rest, alerts: alerts.map(({ since: _, ...alert }) => alert) };
}

/** A port of a process that can die: whatever it does from then on arrives nowhere. */
function mortal(state: StateStore): { readonly state: StateStore; kill(): void } {
  let isDead = false;
  const alive = (): void => {
    if (isDead) throw new Error("dead");
  };
  return {
    kill() {
      isDead = true;
    },
    state: {
      ...state,
      read(key) {
        alive();
        return state.read(key);
      },
      write(key, value, revision) {
        alive();
        return state.write(key, value, revision);
      },
    },
  };
}

/** Every way of counting, and windows that roll and that begin anew. */
const KINDS: Readonly<Record<string, Partial<ObjectiveOptions>>> = {
  events: {},
  "events of a day": { window: { calendar: "day", timeZone: "Europe/Berlin" } },
  "slices of time": { method: { timeSlices: { every: "5m", target: 0.93 } } },
  "slices, silent ones bad": {
    method: { timeSlices: { every: "1h", target: 0.9, noData: "bad" } },
  },
  "slices of a day, silent ones good": {
    window: { calendar: "day", timeZone: "Europe/Berlin" },
    method: { timeSlices: { every: "7m", target: 0.9, noData: "good" } },
  },
  "shares of slices": { method: { ratioTimeSlices: { every: "15m" } } },
};

describe.each(Object.entries(KINDS))("the state port, for %s,", (_, options) => {
  const objectives = [anObjective(options)];

  it("a restart in the middle of a window, after kill -9, leaves the same state as none", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: whole } = anEngine(objectives, { clock });
    let port = mortal(state);
    let { engine } = anEngine(objectives, { clock, state: port.state });
    const random = seeded(7);
    for (let step = 0; step < 200; step++) {
      clock.advance(Math.floor(random() ** 3 * HOUR));
      const total = Math.floor(random() * 20);
      const bad = Math.min(total, Math.floor(random() * 3));
      record(whole, total, bad);
      record(engine, total, bad);
      if (step % 20 !== 19) continue;
      await engine.sync();
      port.kill();
      clock.advance(Math.floor(random() * 20 * MINUTE));
      port = mortal(state);
      engine = anEngine(objectives, { clock, state: port.state }).engine;
      await engine.sync();
      expect(seen(engine)).toEqual(seen(whole));
    }
    expect(engine.status("tasks").bad).toBeGreaterThan(0);
    await engine.close();
  });

  it("three processes that exchange whenever they like, and are replaced, see what one would", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: whole } = anEngine(objectives, { clock });
    const start = (): SloEngine => anEngine(objectives, { clock, state }).engine;
    const engines = [start(), start(), start()];
    const random = seeded(11);
    const live = async (engine: SloEngine): Promise<SloEngine> => {
      const good = random() > 0.2;
      for (const one of [engine, whole]) one.record({ sli: "task_success", good });
      if (random() < 0.2) await engine.sync();
      if (random() > 0.02) return engine;
      await engine.close();
      return start();
    };
    for (let turn = 0; turn < 600; turn++) {
      if (turn % 3 === 0) clock.advance(Math.floor(random() * 2 * MINUTE));
      engines[turn % 3] = await live(engines[turn % 3] as SloEngine);
    }
    for (const engine of [...engines, ...engines]) await engine.sync();
    const { total, bad } = whole.status("tasks");
    for (const engine of engines) {
      expect(engine.status("tasks").total).toBeCloseTo(total);
      expect(engine.status("tasks").bad).toBeCloseTo(bad, 5);
    }
  });

  it("two processes see one sum, and that of one process", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: whole } = anEngine(objectives, { clock });
    const engines = [0, 1].map(() => anEngine(objectives, { clock, state }).engine);
    const random = seeded(11);
    for (let step = 0; step < 100; step++) {
      clock.advance(Math.floor(random() ** 2 * HOUR));
      for (const engine of engines) {
        const bad = random() < 0.1 ? 1 : 0;
        record(engine, 3, bad);
        record(whole, 3, bad);
        clock.advance(Math.floor(random() ** 2 * MINUTE));
      }
    }
    for (const engine of [...engines, ...engines]) await engine.sync();
    for (const engine of engines) expect(seen(engine)).toEqual(seen(whole));
    for (const engine of engines) await engine.close();
  });
});

it.each([-180, -30, 30, 180])(
  "a process that starts with a clock wrong by %i minutes neither moves nor forgets what others counted",
  async (minutes) => {
    const alerts = [{ severity: "page", long: "1h", factor: 40 }] as const;
    const objectives = [anObjective({ alerts })];
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: alone } = anEngine(objectives, { clock });
    const engines = [1, 2].map(() => anEngine(objectives, { clock, state }).engine);
    const tenMinutes = async (bad: number, others: readonly SloEngine[]): Promise<void> => {
      for (let step = 0; step < 60; step++) {
        clock.advance(10_000);
        for (const engine of engines) record(engine, 3, bad);
        record(alone, 6, 2 * bad);
        for (const engine of [...engines, ...others]) await engine.sync();
      }
    };
    await tenMinutes(0, []);
    const wrong = { ...clock, wallMs: () => clock.wallMs() + minutes * MINUTE };
    const { engine: late } = anEngine(objectives, { clock: wrong as FakeClock, state });
    await late.sync();
    record(late, 1, 0); // so that it writes
    await tenMinutes(3, [late]);
    for (const engine of engines) await engine.sync();
    const { total, burn } = alone.status("tasks");
    expect(alone.status("tasks").alerts[0]?.firing).toBe(true);
    for (const engine of engines) {
      const status = engine.status("tasks");
      expect(status.alerts[0]?.firing).toBe(true);
      expect([total, total + 1]).toContain(status.total);
      expect(status.burn["5m"]).toBeCloseTo(burn["5m"] as number, -1);
      expect(status.burn["1h"]).toBeCloseTo(burn["1h"] as number, -1);
    }
  },
);

it.each(["ignore", "good", "bad"] as const)(
  "a process whose clock is nine hours behind makes no silence of what others judged (%s)",
  async (noData) => {
    const method = { timeSlices: { every: "1m", target: 0.9, noData } };
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: alone } = anEngine([anObjective({ method })], { clock });
    const start = (wallMs: () => number): SloEngine =>
      anEngine([anObjective({ method })], { clock: { ...clock, wallMs } as FakeClock, state })
        .engine;
    const right = [1, 2].map(() => start(() => clock.wallMs()));
    const late = start(() => clock.wallMs() - 9 * HOUR);
    for (let step = 0; step < 90; step++) {
      clock.advance(20_000);
      for (const engine of [alone, right[step % 2] as SloEngine]) record(engine, 5, step % 2);
      record(late, 1, 0);
      for (const engine of [...right, late]) await engine.sync();
    }
    for (const engine of right) await engine.sync();
    const { total, bad } = alone.status("tasks");
    const shared = (right[0] as SloEngine).status("tasks");
    expect(shared.bad).toBe(bad);
    expect(shared.total - total).toBeLessThanOrEqual(30); // the minutes of its own
  },
);

it("a month that one process begins a little sooner is not begun anew by the others", async () => {
  const state = aState();
  const window = { calendar: "month", timeZone: "UTC" } as const;
  const monthEnd = Date.UTC(2026, 1, 1);
  const [late, early] = [0, 30_000].map((skewMs) => {
    const clock = createFakeClock(monthEnd - 60_000 + skewMs);
    return { clock, engine: anEngine([anObjective({ window })], { clock, state }).engine };
  }) as [{ clock: FakeClock; engine: SloEngine }, { clock: FakeClock; engine: SloEngine }];
  const both = [late, early];
  record(late.engine, 100, 0);
  await late.engine.sync();
  for (let step = 0; step < 12; step++) {
    for (const { clock } of both) clock.advance(10_000);
    if (early.clock.wallMs() >= monthEnd) record(early.engine, 10, 1);
    if (late.clock.wallMs() < monthEnd) record(late.engine, 1, 0);
    for (const { engine } of both) await engine.sync();
  }
  for (const { engine } of [...both, ...both]) await engine.sync();
  for (const { engine } of both) {
    expect(engine.status("tasks")).toMatchObject({ total: 100, bad: 10 });
    await engine.close();
  }
});

describe("the state port, for silence,", () => {
  const silence = absenceRule({ name: "tasks", sli: "task_success", after: "10m" });

  it("an agent that never comes up is silent, however often its process is started again", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const told: string[] = [];
    for (let start = 0; start < 5; start++) {
      const port = mortal(state);
      const { engine } = anEngine([], { clock, state: port.state, absences: [silence] });
      engine.on("absence-detected", ({ text }) => told.push(text));
      await engine.sync();
      for (let minute = 0; minute < 3; minute++) clock.advance(MINUTE);
      port.kill();
    }
    expect(told[0]).toBe("No task_success events from anyone for 10 minutes.");
  });

  it("a process whose clock is hours ahead does not hide that nothing is heard any more", async () => {
    const state = aState();
    const clock = createFakeClock(START_MS);
    const ahead = { ...clock, wallMs: () => clock.wallMs() + 3 * HOUR } as FakeClock;
    const absences = [absenceRule({ name: "silent", after: "10m" })];
    const start = (one: FakeClock): SloEngine =>
      anEngine([anObjective()], { clock: one, state, absences }).engine;
    const fast = start(ahead);
    record(fast, 1, 0);
    await fast.sync();
    const right = start(clock);
    await right.sync();
    expect(right.absences()).toEqual([]);
    for (let minute = 0; minute < 11; minute++) {
      clock.advance(MINUTE);
      await right.sync();
      if (minute < 5) await fast.sync(); // then it dies
    }
    expect(right.absences()).toHaveLength(1);
  });

  it("it is enough that one of two processes hears something", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const engines = [0, 1].map(() => anEngine([], { clock, state, absences: [silence] }).engine);
    const [deaf, hearing] = engines as [SloEngine, SloEngine];
    const told: string[] = [];
    for (const name of ["absence-detected", "absence-ended"] as const) {
      deaf.on(name, () => told.push(name));
    }
    const exchange = async (): Promise<void> => {
      for (const engine of [hearing, deaf]) await engine.sync();
    };
    for (let minute = 0; minute < 30; minute++) {
      clock.advance(MINUTE);
      record(hearing, 1, 0);
      await exchange();
    }
    expect(told).toEqual([]);
    clock.advance(10 * MINUTE);
    await exchange();
    expect(deaf.absences()).toMatchObject([{ rule: "tasks" }]);
    record(hearing, 1, 0);
    await exchange();
    expect(deaf.absences()).toEqual([]);
    expect(told).toEqual(["absence-detected", "absence-ended"]);
    expect(deaf.lastHeard()).toEqual(hearing.lastHeard());
    for (const engine of engines) await engine.close();
  });
});
