import { createMemoryStore } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record, seeded } from "../test-fixture.ts";
import { MINUTE } from "../testing/actions.ts";
import type { SloEngine } from "./slo-engine.ts";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a calendar's budget beside a process whose clock is in another period", () => {
  it.each([
    ["3 days behind, on the 3rd of a month", -80 * HOUR, Date.UTC(2026, 0, 3, 12), "month"],
    ["2 months ahead", 60 * DAY, Date.UTC(2026, 0, 3, 12), "month"],
    ["20 hours ahead, just before midnight", 20 * HOUR, Date.UTC(2026, 0, 3, 23, 30), "day"],
  ])("stays what it is: %s", async (_how, offMs, startMs, window) => {
    const clock = createFakeClock(startMs);
    const { state } = createMemoryStore({ clock });
    const off = { ...clock, wallMs: () => clock.wallMs() + offMs } as FakeClock;
    const objectives = [anObjective({ window, target: 0.9 })];
    const { engine } = anEngine(objectives, { clock, state });
    const { engine: wrong } = anEngine(objectives, { clock: off, state });
    record(engine, 1_000, 150);
    await engine.sync();
    for (let minute = 0; minute < 5; minute++) {
      record(wrong, 1, 0);
      await wrong.sync();
      clock.advance(MINUTE);
      record(engine, 1, 0);
      await engine.sync();
      expect(engine.status("tasks")).toMatchObject({ state: "exhausted", bad: 150 });
      expect(engine.status("tasks").total).toBeGreaterThan(1_000 + minute);
    }
    const { engine: next } = anEngine(objectives, { clock, state });
    await next.sync();
    const { total, bad } = engine.status("tasks");
    expect(next.status("tasks")).toMatchObject({ total, bad });
    for (const one of [engine, wrong, next]) await one.close();
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "has all of the day's events of clocks that are right; seed %i",
    async (seed) => {
      const random = seeded(seed);
      const clock = createFakeClock(Date.UTC(2026, 0, 10, 6));
      const { state } = createMemoryStore({ clock });
      const offMs = Math.round((random() < 0.5 ? -1 : 1) * (2 + random() * 90) * HOUR);
      const off = { ...clock, wallMs: () => clock.wallMs() + offMs } as FakeClock;
      const [engine, wrong] = [clock, off].map(
        (one) => anEngine([anObjective({ window: "day" })], { clock: one, state }).engine,
      ) as [SloEngine, SloEngine];
      let today = { day: clock.wallMs() - (clock.wallMs() % DAY), events: 0 };
      for (let step = 0; step < 150; step++) {
        await engine.sync();
        clock.advance(Math.floor(random() * 60 * MINUTE));
        const day = clock.wallMs() - (clock.wallMs() % DAY);
        if (day !== today.day) today = { day, events: 0 };
        record(engine, 3, 0);
        today.events += 3;
        record(wrong, 1, 0);
        if (random() < 0.5) await wrong.sync();
        await engine.sync();
        expect(engine.status("tasks").total).toBeGreaterThanOrEqual(today.events);
      }
      await wrong.close();
      await engine.close();
    },
  );
});
