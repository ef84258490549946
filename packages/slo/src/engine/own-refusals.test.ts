import { createMemoryStore } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { START_MS } from "../test-fixture.ts";
import { type Fixture, withAction } from "../testing/actions.ts";
import { minutes, type Provider } from "../testing/tasks.ts";

/** Two guards and engines on one store; only the first is going to have traffic. */
function twoProcesses(target: number): readonly [busy: Fixture, idle: Fixture] {
  const clock = createFakeClock(START_MS);
  const fleet = { clock, store: createMemoryStore({ clock }) };
  const start = (): Fixture => withAction({ on: "page", do: "throttle" }, { target }, fleet);
  return [start(), start()];
}

describe("what an action refuses ends tasks, and an objective of tasks", () => {
  it("finds back from an open circuit to a provider that is well again", async () => {
    const fixture = withAction({ on: "page", do: { openBreaker: "openai/*" } });
    const provider = { isBroken: true, takesMs: 0 };
    const broken = await minutes(fixture, provider, 10);
    expect(fixture.told).toEqual(["action-engaged open-breaker"]);
    expect(broken["failed"]).toBeLessThan(10);
    provider.isBroken = false;
    await minutes(fixture, provider, 10);
    expect(fixture.told).toEqual(["action-engaged open-breaker", "action-released open-breaker"]);
    expect(await minutes(fixture, provider, 90)).toEqual({ good: 270 });
    expect(fixture.told).toHaveLength(2);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("has the circuit open again while the provider is still down", async () => {
    const fixture = withAction({ on: "page", do: { openBreaker: "openai/*" } });
    const ends = await minutes(fixture, { isBroken: true, takesMs: 0 }, 60);
    expect(ends["failed"]).toBeLessThan(60);
    expect(fixture.told.length).toBeGreaterThan(6);
    expect(fixture.engine.status("tasks").alerts[0]?.firing).toBe(true);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("leaves a circuit alone whose calls fail now and then, as slices of time allow", async () => {
    const method = { timeSlices: { every: "5m", target: 0.9 } };
    const fixture = withAction({ on: "page", do: { openBreaker: "openai/*" } }, { method });
    const provider: Provider = { isBroken: true, takesMs: 0 };
    await minutes(fixture, provider, 30);
    provider.isBroken = false;
    provider.oneIn = 20;
    await minutes(fixture, provider, 20);
    const told = fixture.told.length;
    expect(fixture.told.at(-1)).toBe("action-released open-breaker");
    expect(await minutes(fixture, provider, 90)).toEqual({ good: 257, failed: 13 });
    expect(fixture.told).toHaveLength(told);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("lets go of a throttle that calls wait for too long", async () => {
    const fixture = withAction({ on: "page", do: "throttle" });
    const provider = { isBroken: true, takesMs: 0 };
    await minutes(fixture, provider, 3);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    provider.isBroken = false;
    provider.takesMs = 40_000; // one at a time is too few
    await minutes(fixture, provider, 20);
    expect(fixture.told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("lets go of a throttle and a circuit of one objective that go on because of each other", async () => {
    const actions = [
      { on: "page", do: "throttle" },
      { on: "page", do: { openBreaker: "openai/*" } },
    ] as const;
    const fixture = withAction(actions[0], { actions });
    const provider = { isBroken: true, takesMs: 0 };
    await minutes(fixture, provider, 3);
    expect(fixture.told).toEqual(["action-engaged throttle", "action-engaged open-breaker"]);
    provider.isBroken = false;
    provider.takesMs = 40_000; // one at a time is too few
    await minutes(fixture, provider, 20);
    const released = ["action-released throttle", "action-released open-breaker"];
    expect(fixture.told.slice(2)).toEqual(released);
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it.each([
    ["lets go of a throttle that makes tasks too slow", 20_000, "action-released throttle"],
    ["keeps a throttle while tasks are too slow without it", 35_000, undefined],
  ])("%s", async (_, takesMs, released) => {
    const options = { sli: "task_duration", threshold: { maxMs: 30_000 } } as const;
    const fixture = withAction({ on: "page", do: "throttle" }, options);
    const provider = { isBroken: false, takesMs: 55_000 };
    await minutes(fixture, provider, 5, 3, 10_000);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    provider.takesMs = takesMs;
    await minutes(fixture, provider, 30, 3, 10_000);
    expect(fixture.told[1]).toBe(released);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it.each([
    ["refuses nothing", 0],
    ["refuses, too", 40_000],
  ])("keeps a throttle of an empty budget until there is some again when it %s", async (_, ms) => {
    const fixture = withAction({ on: "exhausted", do: "throttle" }, { target: 0.8 });
    await minutes(fixture, { isBroken: true, takesMs: 0 }, 5);
    const provider = { isBroken: false, takesMs: ms };
    await minutes(fixture, provider, 15);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    await minutes(fixture, provider, 105);
    expect(fixture.told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    expect(fixture.told).toHaveLength(2);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("keeps a throttle that refuses now and then while the provider fails", async () => {
    const fixture = withAction({ on: "page", do: "throttle" }, { target: 0.9 });
    const provider = { isBroken: true, takesMs: 40_000 };
    await minutes(fixture, provider, 120);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    expect(fixture.guard.kills()).toHaveLength(1);
    await fixture.engine.close();
    await fixture.guard.close();
  });

  it("lets go in every process of a fleet, though one has no traffic", async () => {
    const [busy, idle] = twoProcesses(0.99);
    const provider = { isBroken: true, takesMs: 0 };
    await minutes(busy, provider, 3);
    expect([busy.told, idle.told]).toEqual([
      ["action-engaged throttle"],
      ["action-engaged throttle"],
    ]);
    provider.isBroken = false;
    provider.takesMs = 40_000; // one at a time is too few
    await minutes(busy, provider, 40);
    expect(idle.told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(await minutes(busy, provider, 60)).toEqual({ good: 180 });
    for (const { engine, guard } of [busy, idle]) {
      await engine.close();
      await guard.close();
    }
  });

  it("holds on in a process without traffic while another one sees all calls fail", async () => {
    const [busy, idle] = twoProcesses(0.99);
    await minutes(busy, { isBroken: true, takesMs: 40_000 }, 120);
    for (const { engine, guard, told } of [busy, idle]) {
      expect(told).toEqual(["action-engaged throttle"]);
      await engine.close();
      await guard.close();
    }
  });

  it("follows a process that begins again, as some of its calls fail, in one without traffic", async () => {
    const [busy, idle] = twoProcesses(0.99);
    await minutes(busy, { isBroken: false, takesMs: 40_000, oneIn: 4 }, 180, 10);
    expect(busy.told.length).toBeGreaterThan(8);
    expect(Math.abs(busy.told.length - idle.told.length)).toBeLessThan(2);
    for (const { engine, guard } of [busy, idle]) {
      await engine.close();
      await guard.close();
    }
  });
});
