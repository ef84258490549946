import { createMemoryStore } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { absenceRule } from "../objective/absence-rule.ts";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { burn, MINUTE, pass, withAction } from "../testing/actions.ts";
import type { SloEngine } from "./slo-engine.ts";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function isPaging(engine: SloEngine): boolean {
  return engine
    .status("tasks")
    .alerts.some(({ firing, severity }) => firing && severity === "page");
}

/** A process whose clock is a day ahead for a minute. */
async function setRight(clock: FakeClock, engine: SloEngine): Promise<void> {
  record(engine, 10, 0);
  clock.advance(MINUTE);
  await engine.sync();
  clock.setWall(clock.wallMs() - DAY);
}

describe("a clock that was a day ahead and is set right", () => {
  it.each([false, true])("does not hide an outage, with a store: %s", async (hasStore) => {
    const clock = createFakeClock(START_MS + DAY);
    const { state } = createMemoryStore({ clock });
    const { engine } = anEngine([anObjective()], { clock, ...(hasStore && { state }) });
    await setRight(clock, engine);
    const live = async (minutes: number, bad: number): Promise<void> => {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE);
        record(engine, 6, bad);
        await engine.sync();
      }
    };
    await live(120, 0);
    expect(isPaging(engine)).toBe(false);
    await live(15, 6);
    expect(isPaging(engine)).toBe(true);
    await live(120, 0);
    expect(isPaging(engine)).toBe(false);
    expect(engine.status("tasks").total).toBe(10 + 6 * 255);
    await engine.close();
  });

  it("pages nobody for what it counted then: not until that time comes, and not then", async () => {
    const clock = createFakeClock(START_MS + 3 * HOUR);
    const { state } = createMemoryStore({ clock });
    const { engine } = anEngine([anObjective()], { clock, state });
    record(engine, 200, 200);
    await engine.sync();
    clock.setWall(START_MS);
    let pages = 0;
    for (let minute = 0; minute < 5 * 60; minute++) {
      clock.advance(MINUTE);
      record(engine, 6, 0);
      await engine.sync();
      pages += isPaging(engine) ? 1 : 0;
    }
    expect(pages).toBe(0);
    expect(engine.status("tasks")).toMatchObject({ total: 2_000, bad: 200 });
    await engine.close();
  });

  it.each([-3, 3])(
    "a process %i hours off lets no page of its store last longer",
    async (hours) => {
      const clock = createFakeClock(START_MS);
      const { state } = createMemoryStore({ clock });
      const off = { ...clock, wallMs: () => clock.wallMs() + hours * HOUR };
      const engines = [clock, off].map(
        (one) => anEngine([anObjective()], { clock: one as FakeClock, state }).engine,
      );
      const live = async (minutes: number, bad: number): Promise<void> => {
        for (let minute = 0; minute < minutes; minute++) {
          clock.advance(MINUTE);
          for (const engine of engines) {
            record(engine, 6, bad);
            await engine.sync();
          }
        }
      };
      await live(60, 0);
      await live(30, 6);
      expect(engines.map(isPaging)).toEqual([true, true]);
      for (let halfHour = 0; halfHour < 8; halfHour++) {
        await live(31, 0);
        expect(engines.map(isPaging)).toEqual([false, false]);
      }
      for (const engine of engines) await engine.close();
    },
  );

  it("lets no alert fire since tomorrow", async () => {
    const clock = createFakeClock(START_MS + DAY);
    const { engine } = anEngine([anObjective()], { clock });
    record(engine, 20, 20);
    expect(isPaging(engine)).toBe(true);
    clock.setWall(START_MS);
    const { alerts } = engine.status("tasks");
    expect(alerts[0]).toMatchObject({ firing: true, since: START_MS });
    await engine.close();
  });

  it("leaves a slice of time one slice", async () => {
    const method = { timeSlices: { every: "1m", target: 0.5 } } as const;
    const { engine, clock } = anEngine([anObjective({ method })], {
      clock: createFakeClock(START_MS + DAY),
    });
    await setRight(clock, engine);
    for (let minute = 0; minute < 60; minute++) {
      record(engine, 6, 1);
      clock.advance(MINUTE);
    }
    expect(engine.status("tasks")).toMatchObject({ total: 60, bad: 0 });
    await engine.close();
  });

  it("leaves a month the month that it is", async () => {
    const { engine, clock } = anEngine([anObjective({ window: "month" })], {
      clock: createFakeClock(Date.UTC(2026, 1, 1)),
    });
    await setRight(clock, engine); // 31 January
    record(engine, 20, 1);
    expect(engine.status("tasks")).toMatchObject({ total: 30, bad: 1 });
    clock.setWall(Date.UTC(2026, 1, 1));
    expect(engine.status("tasks")).toMatchObject({ total: 0, state: "no_data" });
    await engine.close();
  });

  it("does not hide silence", async () => {
    const absences = [absenceRule({ name: "silent", after: "10m" })];
    const { engine, clock } = anEngine([anObjective()], {
      clock: createFakeClock(START_MS + DAY),
      absences,
    });
    await setRight(clock, engine);
    clock.advance(MINUTE);
    expect(engine.absences()).toEqual([]);
    clock.advance(10 * MINUTE);
    expect(engine.absences()).toHaveLength(1);
    await engine.close();
  });

  it("does not hold a throttle for a day longer", async () => {
    const { engine, guard, clock, told } = withAction({ on: "page", do: "throttle" });
    burn(engine);
    await pass(clock, 35); // quiet, but not yet for ten minutes
    expect(told).toEqual(["action-engaged throttle"]);
    clock.setWall(clock.wallMs() - DAY);
    await pass(clock, 15);
    expect(told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(guard.kills()).toEqual([]);
    await engine.close();
    await guard.close();
  });

  it("makes no series look busier than usual once the wrong time comes", async () => {
    const { engine, clock } = anEngine([], {
      clock: createFakeClock(START_MS + DAY),
      anomalies: true,
    });
    const told: string[] = [];
    engine.on("anomaly-detected", ({ metric }) => told.push(metric));
    const live = (hours: number): void => {
      for (let minute = 0; minute < hours * 60; minute++) {
        for (let call = 0; call < 5; call++) {
          engine.record({ sli: "call_success", good: true, model: "gpt-5" });
        }
        clock.advance(MINUTE);
      }
    };
    live(12);
    clock.setWall(clock.wallMs() - DAY);
    live(26);
    expect(told).toEqual([]);
    await engine.close();
  });
});

describe("a clock that was two hours behind and is set right", () => {
  it("takes no throttle back before it was quiet for ten minutes", async () => {
    const { engine, guard, clock, told } = withAction({ on: "page", do: "throttle" });
    burn(engine);
    await pass(clock, 35); // quiet, but not yet for ten minutes
    clock.setWall(clock.wallMs() + 2 * HOUR);
    await pass(clock, 2);
    expect(told).toEqual(["action-engaged throttle"]);
    await pass(clock, 10);
    expect(told).toEqual(["action-engaged throttle", "action-released throttle"]);
    await engine.close();
    await guard.close();
  });

  it("has nothing begin before its time", async () => {
    const action = { on: "exhausted", do: "kill", after: "1h" } as const;
    const { engine, guard, clock, told } = withAction(action);
    burn(engine);
    await pass(clock, 5);
    clock.setWall(clock.wallMs() + 2 * HOUR);
    await pass(clock, 50);
    expect(told).toEqual([]);
    await pass(clock, 10);
    expect(told).toEqual(["action-engaged kill"]);
    await engine.close();
    await guard.close();
  });
});
