import type { StateStore } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, aState, record, START_MS } from "../test-fixture.ts";

const MINUTE = 60_000;

describe("the state port", () => {
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

  it("a write that was given up and arrives later is not counted twice", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const late: (() => unknown)[] = [];
    let gaveUp = 0;
    let isSlow = false;
    const slow: StateStore = {
      ...state,
      read: (key) => state.read(key),
      write(key, value, revision) {
        if (!isSlow) return state.write(key, value, revision);
        late.push(() => state.write(key, value, revision));
        throw new Error("timeout");
      },
    };
    const { engine } = anEngine([anObjective()], { clock, state: slow });
    engine.on("state-unavailable", () => gaveUp++);
    record(engine, 5, 1);
    await engine.sync();
    for (let round = 0; round < 3; round++) {
      isSlow = true;
      for (let attempt = 0; attempt < 3; attempt++) {
        record(engine, 10, 1);
        clock.advance(MINUTE);
        await engine.sync();
      }
      isSlow = false;
      for (const arrive of late.splice(round)) await arrive(); // the first, or a later one
      await engine.sync();
    }
    const { engine: other } = anEngine([anObjective()], { clock, state });
    await other.sync();
    expect(gaveUp).toBeGreaterThanOrEqual(9);
    expect(other.status("tasks")).toMatchObject({ total: 95, bad: 10 });
    expect(engine.status("tasks")).toMatchObject({ total: 95, bad: 10 });
    await engine.close();
    await other.close();
  });

  it("that never answers stops neither the next exchange nor close", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    let hangs = true;
    const hanging: StateStore = {
      ...state,
      read: (key) => (hangs ? new Promise(() => {}) : state.read(key)),
      write: (key, value, revision) => state.write(key, value, revision),
    };
    const { engine } = anEngine([anObjective()], { clock, state: hanging });
    let told = 0;
    engine.on("state-unavailable", () => told++);
    record(engine, 7, 0);
    const exchanged = engine.sync();
    for (let step = 0; step < 10 && told === 0; step++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(10_000);
    }
    await exchanged;
    expect(told).toBe(1);
    hangs = false;
    await engine.close();
    const { engine: other } = anEngine([anObjective()], { clock, state });
    await other.sync();
    expect(other.status("tasks").total).toBe(7);
    await other.close();
  });

  it("that will not take one objective takes the others", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const picky: StateStore = {
      ...state,
      read: (key) => state.read(key),
      write(key, value, revision) {
        if (key.includes(":refused:")) throw new Error("too long");
        return state.write(key, value, revision);
      },
    };
    const objectives = [anObjective({ name: "refused" }), anObjective()];
    const { engine } = anEngine(objectives, { clock, state: picky });
    record(engine, 7, 0);
    await engine.close();
    const { engine: other } = anEngine(objectives, { clock, state });
    await other.sync();
    expect(other.status("tasks").total).toBe(7);
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

  it("remembers no more than the last thousand of processes that come and go", async () => {
    const state = aState();
    const clock = createFakeClock(START_MS);
    const run = async (): Promise<[string, string, number]> => {
      const { engine } = anEngine([anObjective()], { clock, state });
      record(engine, 1, 0);
      await engine.close();
      const [key = ""] = await state.keys("burnrate:slo:tasks:");
      const { value = "", revision = 0 } = (await state.read(key)) ?? {};
      return [key, value, revision];
    };
    const [key, value, revision] = await run();
    const before = Array.from({ length: 1_100 }, (_, at) => [`process ${at}`, [1, START_MS - at]]);
    const many = { ...JSON.parse(value), writers: Object.fromEntries(before) };
    await state.write(key, JSON.stringify(many), revision);
    const [, after] = await run();
    const writers = Object.keys(JSON.parse(after).writers);
    expect([writers.length, writers.at(-2)]).toEqual([1_000, "process 998"]);
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

  it("keeps what is left of a budget when its alerts look at other windows", async () => {
    const clock = createFakeClock(START_MS);
    const state = aState();
    const alerts = [{ severity: "page", long: "2h", short: "90m", factor: 5 }] as const;
    const { engine: before } = anEngine([anObjective()], { clock, state });
    record(before, 100, 50);
    await before.sync();
    const { engine: after } = anEngine([anObjective({ alerts })], { clock, state });
    await after.sync();
    expect(after.status("tasks")).toMatchObject({ total: 100, bad: 50 });
    expect(after.status("tasks").burn).toMatchObject({ "2h": 50, "90m": 50, "30d": 50 });
    record(after, 10, 0);
    clock.advance(6 * MINUTE);
    for (const engine of [after, before]) await engine.sync();
    expect(before.status("tasks")).toMatchObject({ total: 110, bad: 50 });
    expect(before.status("tasks").burn).toMatchObject({ "5m": undefined, "1h": 50 });
    await before.close();
    await after.close();
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
