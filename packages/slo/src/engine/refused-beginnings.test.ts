import { createMemoryStore, type StateStore, type Store } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import type { ActionOption } from "../objective/action.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import { START_MS } from "../test-fixture.ts";
import { type Fixture, withObjectives } from "../testing/actions.ts";
import { minutes, type Provider } from "../testing/tasks.ts";

/** Opens a circuit because answers are slow, though all of them arrive. */
const QUICK = {
  name: "quick",
  sli: "latency",
  threshold: { maxMs: 5_000 },
  actions: [{ on: "page", do: { openBreaker: "openai/*" } }],
} as const;
const OPENED = "action-engaged open-breaker";

const works = (action: ActionOption, more: Partial<ObjectiveOptions> = {}) => {
  return { name: "works", actions: [action], ...more };
};
const slow = (): Provider => ({ isBroken: false, takesMs: 20_000 });
const broken = (): Provider => ({ isBroken: true, takesMs: 0 });

function aFleet(objectives: readonly Partial<ObjectiveOptions>[]): () => Fixture {
  const clock = createFakeClock(START_MS);
  const fleet = { clock, store: createMemoryStore({ clock }) };
  return () => withObjectives(objectives, fleet, { breaker: true });
}

/** As versions without a second count have it. */
function onceOnly(store: Required<Store>): Store {
  const { state } = store;
  const write: StateStore["write"] = async (key, value, revision) =>
    key.endsWith(":unrefused") ? 1 : state.write(key, value, revision);
  return { ...store, state: { ...state, write } };
}

async function close(...fixtures: readonly Fixture[]): Promise<void> {
  for (const { engine, guard } of fixtures) {
    await engine.close();
    await guard.close();
  }
}

describe("an action that stops calls does not begin because of what actions refuse", () => {
  it.each<readonly [string, ActionOption, Partial<ObjectiveOptions>]>([
    ["a kill", { on: "page", do: "kill" }, {}],
    ["a kill of an empty budget", { on: "exhausted", do: "kill" }, {}],
    ["a kill of a target of 100 %", { on: "page", do: "kill" }, { target: 1 }],
    [
      "a kill over slices of time",
      { on: "page", do: "kill" },
      { method: { timeSlices: { every: "1m", target: 0.9 } } },
    ],
    [
      "a kill over slices of time of which silent ones are bad",
      { on: "page", do: "kill" },
      { method: { ratioTimeSlices: { every: "1m", noData: "bad" } } },
    ],
    ["a throttle", { on: "burn", do: "throttle" }, {}],
    ["a circuit", { on: "page", do: { openBreaker: "tool:*" } }, {}],
  ])("%s", async (_, action, more) => {
    const fixture = withObjectives([QUICK, works(action, more)]);
    let pages = 0;
    fixture.engine.on("alert-fired", (alert) => {
      if (alert.objective === "works") pages++;
    });
    const ends = await minutes(fixture, slow(), 30);
    expect(ends["BR5001"]).toBeGreaterThan(50);
    expect(fixture.told).toEqual([OPENED]);
    expect(pages).toBeGreaterThan(0);
    await close(fixture);
  });

  it("a throttle, where calls that wait for another one's turns make tasks slow", async () => {
    const late = { sli: "task_duration", threshold: { maxMs: 30_000 } } as const;
    const quick = { ...QUICK, actions: [{ on: "page", do: "throttle" }] } as const;
    const other = works({ on: "page", do: { openBreaker: "tool:*" } }, late);
    const fixture = withObjectives([quick, other]);
    await minutes(fixture, slow(), 30, 3, 10_000);
    expect(fixture.engine.status("works").alerts[0]?.firing).toBe(true);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    await close(fixture);
  });

  it("a kill in any process of a fleet, or in one that starts later", async () => {
    const start = aFleet([QUICK, works({ on: "page", do: "kill" })]);
    const [busy, idle] = [start(), start()];
    await minutes(busy, slow(), 30);
    const late = start();
    await minutes(busy, slow(), 5);
    expect(busy.engine.status("works").alerts[0]?.firing).toBe(true);
    expect([busy.told, idle.told, late.told]).toEqual([[OPENED], [OPENED], [OPENED]]);
    await close(busy, idle, late);
  });
});

describe("an action that stops calls begins because of what fails by itself", () => {
  it("while another one's circuit refuses most of what is called", async () => {
    const fixture = withObjectives([QUICK, works({ on: "page", do: "kill" })]);
    await minutes(fixture, slow(), 30);
    for (let task = 0; task < 20; task++) {
      const fail = async (): Promise<never> => {
        throw new Error("it does not work");
      };
      await fixture.guard.task({ name: "t", agent: "support" }, fail).catch(() => {});
    }
    await minutes(fixture, slow(), 1);
    expect(fixture.told).toContain("action-engaged kill");
    await close(fixture);
  });

  it("in a process that starts and sees nothing itself, after those of an older version", async () => {
    const clock = createFakeClock(START_MS);
    const fleet = { clock, store: createMemoryStore({ clock }) };
    const before = withObjectives([{ name: "works" }], { clock, store: onceOnly(fleet.store) });
    await minutes(before, broken(), 30);
    await close(before);
    const after = withObjectives([works({ on: "exhausted", do: "kill" })], fleet);
    await minutes(after, broken(), 1, 0);
    expect(after.told).toEqual(["action-engaged kill"]);
    await close(after);
  });

  it("in a process that sees nothing itself, beside one that has no such action", async () => {
    const clock = createFakeClock(START_MS);
    const fleet = { clock, store: createMemoryStore({ clock }) };
    const controls = withObjectives([works({ on: "page", do: "kill" })], fleet);
    const worker = withObjectives([{ name: "works" }], fleet);
    await minutes(worker, broken(), 5);
    expect([controls.told, worker.told]).toEqual([["action-engaged kill"], []]);
    await close(controls, worker);
  });

  it("in all processes of a fleet", async () => {
    const start = aFleet([works({ on: "page", do: "throttle" })]);
    const [busy, idle] = [start(), start()];
    await minutes(busy, broken(), 5);
    expect([busy.told, idle.told]).toEqual([
      ["action-engaged throttle"],
      ["action-engaged throttle"],
    ]);
    await close(busy, idle);
  });

  it("but no second kill, while calls fail on after a revive, before all was quiet", async () => {
    const fixture = withObjectives([works({ on: "page", do: "kill" })]);
    const { guard, told } = fixture;
    const ends = await minutes(fixture, broken(), 60);
    expect(ends["BR1001"]).toBeGreaterThan(150);
    const [kill] = guard.kills();
    await guard.revive(kill?.id ?? "", { reason: "let me look", by: "ada" });
    await minutes(fixture, broken(), 1, 0);
    const seen = await minutes(fixture, broken(), 30);
    expect(seen["BR1001"]).toBeUndefined();
    expect(told).toEqual(["action-engaged kill", "action-released kill"]);
    await close(fixture);
  });
});
