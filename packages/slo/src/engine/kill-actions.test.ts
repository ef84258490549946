import { createGuard, createMemoryStore, type Guard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import type { ActionOption } from "../objective/action.ts";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { burn, pass, turns, withAction } from "../testing/actions.ts";
import type { SloEngine } from "./slo-engine.ts";

describe("a breached objective", () => {
  it("is killed until somebody revives it, and not again before it was quiet", async () => {
    const { engine, guard, clock, told } = withAction({ on: "page", do: "kill" });
    const ends: string[] = [];
    engine.on("action-released", ({ reason }) => ends.push(reason));
    burn(engine);
    await turns();
    await pass(clock, 120);
    const [kill] = guard.kills();
    expect(kill).toMatchObject({ level: "stop", by: "burnrate-slo:tasks" });
    burn(engine);
    await guard.revive(kill?.id ?? "", { reason: "mended", by: "on-call" });
    await pass(clock, 3);
    expect(guard.kills()).toEqual([]);
    expect(ends).toEqual([expect.stringMatching(/^Somebody revived the kill, after objective "/)]);
    await pass(clock, 60);
    burn(engine);
    await turns();
    expect(guard.kills()).toHaveLength(1);
    expect(told).toEqual(["action-engaged kill", "action-released kill", "action-engaged kill"]);
    await engine.close();
    expect(guard.kills()).toHaveLength(1);
    await guard.close();
  });

  it("a kill that a process before this one pulled is not pulled twice", async () => {
    const { engine, guard, clock } = withAction({ on: "page", do: "kill" });
    burn(engine);
    await turns();
    await engine.close();
    const objective = anObjective({
      match: { agent: "support" },
      actions: [{ on: "page", do: "kill" }],
    });
    const { engine: later } = anEngine([objective], { clock });
    later.attach(guard);
    burn(later);
    await turns();
    expect(guard.kills()).toHaveLength(1);
    await later.close();
    await guard.close();
  });

  it("and was revived is not killed again by a process that starts while it still burns", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const guard = createGuard({ clock, store });
    const start = (): SloEngine => {
      const actions: ActionOption[] = [{ on: "page", do: "kill" }];
      const { engine } = anEngine([anObjective({ actions })], { clock, state: store.state });
      engine.attach(guard);
      return engine;
    };
    const first = start();
    record(first, 20, 20);
    await first.sync();
    await pass(clock, 1);
    await guard.revive(guard.kills()[0]?.id ?? "", { reason: "mended", by: "on-call" });
    await first.close();
    const second = start();
    await second.sync();
    await pass(clock, 3);
    expect(second.status("tasks").alerts.some(({ firing }) => firing)).toBe(true);
    expect(guard.kills()).toEqual([]);
    await pass(clock, 120);
    record(second, 20, 20);
    await pass(clock, 1);
    expect(guard.kills()).toHaveLength(1); // it was quiet in between
    await second.close();
    await guard.close();
  });

  it("and was revived is not killed again by a process that was still waiting to kill", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const start = (): { readonly engine: SloEngine; readonly guard: Guard } => {
      const actions: ActionOption[] = [{ on: "page", do: "kill", after: "10m" }];
      const { engine } = anEngine([anObjective({ actions })], { clock, state: store.state });
      const guard = createGuard({ clock, store });
      engine.attach(guard);
      return { engine, guard };
    };
    const first = start();
    const fail = async (minutes: number): Promise<void> => {
      for (let minute = 0; minute < minutes; minute++) {
        record(first.engine, 20, 20);
        await pass(clock, 1);
      }
    };
    await fail(8);
    const second = start();
    await fail(4);
    const [kill] = second.guard.kills();
    await first.guard.revive(kill?.id ?? "", { reason: "mended", by: "on-call" });
    await fail(15);
    expect(second.engine.status("tasks").alerts.some(({ firing }) => firing)).toBe(true);
    expect(second.guard.kills()).toEqual([]);
    for (const { engine, guard } of [first, second]) {
      await engine.close();
      await guard.close();
    }
  });

  it("that nobody could kill while it burned is not killed once it is well", async () => {
    const clock = createFakeClock(START_MS);
    const { engine } = anEngine([anObjective({ actions: [{ on: "page", do: "kill" }] })], {
      clock,
    });
    const told: string[] = [];
    engine.on("action-engaged", () => told.push("engaged"));
    engine.on("action-released", () => told.push("released"));
    record(engine, 20, 20);
    await pass(clock, 600);
    const guard = createGuard({ clock });
    engine.attach(guard);
    await pass(clock, 1);
    expect(guard.kills()).toEqual([]);
    expect(told).toEqual(["engaged", "released"]);
    record(engine, 20, 20);
    await pass(clock, 1);
    expect(guard.kills()).toHaveLength(1);
    await engine.close();
    await guard.close();
  });

  it("is not killed by two bad tasks of a process that has just begun", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const actions: ActionOption[] = [{ on: "exhausted", do: "kill" }];
    const start = (): SloEngine =>
      anEngine([anObjective({ actions })], { clock, state: store.state }).engine;
    const first = start();
    record(first, 10_000, 0);
    await first.close();
    const guard = createGuard({ clock, store });
    const second = start();
    const fired: string[] = [];
    second.on("alert-fired", ({ text }) => fired.push(text));
    second.attach(guard);
    record(second, 2, 2);
    second.evaluate(); // before the store has answered
    await pass(clock, 1);
    expect(second.status("tasks")).toMatchObject({ state: "healthy", total: 10_002, bad: 2 });
    expect([guard.kills(), fired]).toEqual([[], []]);
    await second.close();
    await guard.close();
  });

  it("is killed by what a process counted alone while the store does not answer", async () => {
    const clock = createFakeClock(START_MS);
    const away = (): never => {
      throw new Error("away");
    };
    const state = { ...createMemoryStore({ clock }).state, read: away };
    const guard = createGuard({ clock });
    const actions: ActionOption[] = [{ on: "exhausted", do: "kill" }];
    const { engine } = anEngine([anObjective({ actions })], { clock, state });
    engine.attach(guard);
    record(engine, 20, 20);
    await pass(clock, 2);
    expect(guard.kills()).toHaveLength(1);
    await engine.close();
    await guard.close();
  });

  it("of two guards on one store is revived by one revive", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const guards = [0, 1].map(() => createGuard({ clock, store })) as [Guard, Guard];
    const { engine } = anEngine([anObjective({ actions: [{ on: "page", do: "kill" }] })], {
      clock,
    });
    for (const guard of guards) engine.attach(guard);
    record(engine, 20, 20);
    await pass(clock, 1);
    const [kill] = guards[1].kills();
    await guards[1].revive(kill?.id ?? "", { reason: "mended", by: "on-call" });
    await pass(clock, 2);
    expect(guards.map((guard) => guard.kills())).toEqual([[], []]);
    await engine.close();
    for (const guard of guards) await guard.close();
  });

  it("of two processes is revived by one revive, also after the one that it names has ended", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const guards = [0, 1].map(() => createGuard({ clock, store })) as [Guard, Guard];
    const actions: ActionOption[] = [{ on: "page", do: "kill" }];
    const engines = guards.map((guard) => {
      const { engine } = anEngine([anObjective({ actions })], { clock });
      engine.attach(guard);
      record(engine, 20, 20);
      return engine;
    }) as [SloEngine, SloEngine];
    for (const engine of engines) engine.evaluate();
    await turns();
    const [first, ...more] = guards[1].kills();
    expect(more).toHaveLength(1);
    await engines[0].close();
    await guards[0].close();
    await guards[1].revive(first?.id ?? "", { reason: "mended", by: "on-call" });
    await pass(clock, 2);
    expect(guards[1].kills()).toEqual([]);
    await engines[1].close();
    await guards[1].close();
  });

  it("can be killed again later when somebody revived it before all processes had answered", async () => {
    const clock = createFakeClock(START_MS);
    const store = createMemoryStore({ clock });
    const killLog = { ...store.killLog, subscribe: () => () => {} };
    const deaf = createGuard({ clock, store: { ...store, killLog } });
    await deaf.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
    const guard = createGuard({ clock, store });
    const { engine } = anEngine([anObjective({ actions: [{ on: "page", do: "kill" }] })], {
      clock,
    });
    engine.attach(guard);
    record(engine, 20, 20);
    engine.evaluate();
    await turns();
    await guard.revive(guard.kills()[0]?.id ?? "", { reason: "mended", by: "on-call" });
    await pass(clock, 120);
    record(engine, 20, 20);
    await pass(clock, 2);
    expect(guard.kills()).toHaveLength(1);
    await engine.close();
    for (const one of [guard, deaf]) await one.close();
  });

  it("of two guards with a store each is over when it was revived on both, and on none anew", async () => {
    const clock = createFakeClock(START_MS);
    const guards = [0, 1].map(() => createGuard({ clock })) as [Guard, Guard];
    const { engine } = anEngine([anObjective({ actions: [{ on: "page", do: "kill" }] })], {
      clock,
    });
    for (const guard of guards) engine.attach(guard);
    const released: number[] = [];
    engine.on("action-released", ({ atMs }) => released.push(atMs));
    record(engine, 20, 20);
    await pass(clock, 1);
    const revive = async (guard: Guard): Promise<void> => {
      const [kill] = guard.kills();
      await guard.revive(kill?.id ?? "", { reason: "mended", by: "on-call" });
      await pass(clock, 2);
    };
    await revive(guards[0]);
    expect(guards.map((guard) => guard.kills().length)).toEqual([0, 1]);
    expect(released).toEqual([]);
    await revive(guards[1]);
    expect(guards.map((guard) => guard.kills().length)).toEqual([0, 0]);
    expect(released).toHaveLength(1);
    await engine.close();
    for (const guard of guards) await guard.close();
  });
});
