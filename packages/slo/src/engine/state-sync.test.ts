import { createMemoryStore, type StateStore } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record, START_MS, seeded } from "../test-fixture.ts";
import type { SloEngine } from "./slo-engine.ts";

const HOUR = 3_600_000;

function aState(): StateStore {
  const clock = createFakeClock(START_MS);
  return createMemoryStore({ clock }).state;
}

/** Everything of a status but when an alert began, which each process saw for itself. */
function seen(engine: SloEngine): unknown {
  const { alerts, ...rest } = engine.status("tasks");
  return { ...rest, alerts: alerts.map(({ since: _, ...alert }) => alert) };
}

describe("the state port", () => {
  it("a restart in the middle of a window leaves the same state as none", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: whole } = anEngine([anObjective()], { clock });
    let { engine } = anEngine([anObjective()], { clock, state });
    const random = seeded(7);
    for (let step = 0; step < 200; step++) {
      clock.advance(Math.floor(random() * HOUR));
      const total = Math.floor(random() * 20);
      const bad = Math.min(total, Math.floor(random() * 2));
      record(whole, total, bad);
      record(engine, total, bad);
      if (step % 20 !== 19) continue;
      await engine.close();
      engine = anEngine([anObjective()], { clock, state }).engine;
      await engine.sync();
      expect(seen(engine)).toEqual(seen(whole));
    }
    await engine.close();
  });

  it("two processes see one sum", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine: whole } = anEngine([anObjective()], { clock });
    const engines = [0, 1].map(() => anEngine([anObjective()], { clock, state }).engine);
    const random = seeded(11);
    for (let step = 0; step < 100; step++) {
      clock.advance(Math.floor(random() * HOUR));
      for (const engine of engines) {
        const bad = random() < 0.1 ? 1 : 0;
        record(engine, 3, bad);
        record(whole, 3, bad);
      }
    }
    await Promise.all(engines.map((engine) => engine.sync()));
    await Promise.all(engines.map((engine) => engine.sync()));
    for (const engine of engines) expect(seen(engine)).toEqual(seen(whole));
    for (const engine of engines) await engine.close();
  });

  it("a write whose reply is lost is not counted twice", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    let fails = 1;
    const flaky: StateStore = {
      ...state,
      read: (key) => state.read(key),
      write: async (key, value, revision) => {
        const written = await state.write(key, value, revision);
        if (fails-- > 0) throw new Error("reply lost");
        return written;
      },
    };
    const { engine } = anEngine([anObjective()], { clock, state: flaky });
    let told = 0;
    engine.on("state-unavailable", () => told++);
    record(engine, 10, 1);
    await engine.sync();
    record(engine, 5, 0);
    await engine.sync();
    const { engine: other } = anEngine([anObjective()], { clock, state });
    await other.sync();
    expect(told).toBe(1);
    expect(engine.status("tasks")).toMatchObject({ total: 15, bad: 1 });
    expect(other.status("tasks")).toMatchObject({ total: 15, bad: 1 });
    await engine.close();
    await other.close();
  });

  it("keeps what it counted while the store is away, and hands it over later", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    let isAway = true;
    const away: StateStore = {
      ...state,
      read: (key) => {
        if (isAway) throw new Error("away");
        return state.read(key);
      },
      write: (key, value, revision) => state.write(key, value, revision),
    };
    const { engine } = anEngine([anObjective()], { clock, state: away });
    for (let step = 0; step < 10_000; step++) {
      clock.advance(20_000);
      record(engine, 1, 0);
    }
    await engine.sync();
    expect(engine.status("tasks").total).toBe(10_000);
    isAway = false;
    await engine.sync();
    const { engine: other } = anEngine([anObjective()], { clock, state });
    await other.sync();
    expect(other.status("tasks").total).toBe(10_000);
    await engine.close();
    await other.close();
  });

  it("replaces what it cannot read", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine } = anEngine([anObjective()], { clock, state });
    record(engine, 3, 0);
    await engine.sync();
    const [key = ""] = await state.keys("burnrate:slo:");
    const entry = await state.read(key);
    await state.write(key, "{ not JSON", entry?.revision ?? 0);
    record(engine, 1, 0);
    await engine.sync();
    const { engine: other } = anEngine([anObjective()], { clock, state });
    await other.sync();
    expect(other.status("tasks").total).toBe(4);
    await engine.close();
    await other.close();
  });

  it("does not mix counts of an objective whose definition changed", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const { engine } = anEngine([anObjective()], { clock, state });
    record(engine, 3, 0);
    await engine.close();
    const { engine: other } = anEngine([anObjective({ match: { agent: "x" } })], { clock, state });
    await other.sync();
    expect(other.status("tasks").total).toBe(0);
    await other.close();
  });
});
