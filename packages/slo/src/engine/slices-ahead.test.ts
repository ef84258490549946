import { createMemoryStore } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { MINUTE } from "../testing/actions.ts";
import type { SloEngine } from "./slo-engine.ts";

const HOUR = 60 * MINUTE;

describe("slices of time that a process counts whose clock is hours ahead", () => {
  it.each(["ignore", "good", "bad"] as const)(
    "are counted once beside those of others; silence is %s",
    async (noData) => {
      const clock = createFakeClock(START_MS);
      const { state } = createMemoryStore({ clock });
      const method = { timeSlices: { every: "5m", target: 0.9, noData } };
      const ahead = { ...clock, wallMs: () => clock.wallMs() + 2 * HOUR } as FakeClock;
      const engines = [clock, ahead].map(
        (one) => anEngine([anObjective({ method })], { clock: one, state }).engine,
      );
      for (let minute = 0; minute < 120; minute++) {
        clock.advance(MINUTE);
        for (const one of engines) {
          record(one, 5, 0);
          await one.sync();
        }
      }
      const { total, bad } = (engines[0] as SloEngine).status("tasks");
      expect([total <= 48, bad]).toEqual([true, 0]);
      for (const one of engines) await one.close();
    },
  );

  it("are in the budget when the clock is set right before a store took them", async () => {
    const clock = createFakeClock(START_MS);
    const { state } = createMemoryStore({ clock });
    const method = { timeSlices: { every: "5m", target: 0.9 } } as const;
    const { engine } = anEngine([anObjective({ method })], {
      clock,
      state: { ...state, write: async (...args) => (isAway ? undefined : state.write(...args)) },
    });
    let isAway = false;
    record(engine, 1, 0);
    await engine.sync();
    isAway = true;
    clock.advance(3 * HOUR);
    for (let minute = 0; minute < 30; minute++) {
      record(engine, 1, 1);
      clock.advance(MINUTE);
    }
    clock.setWall(START_MS + 10 * MINUTE);
    isAway = false;
    await engine.sync();
    expect(engine.status("tasks")).toMatchObject({ total: 7, bad: 6 });
    await engine.close();
  });
});
