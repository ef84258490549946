import { createGuard, createMemoryStore, type Guard, type GuardEvents } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import type { ActionOption } from "../objective/action.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import type { SloEngine } from "./slo-engine.ts";

const MINUTE = 60_000;

interface Fixture {
  readonly engine: SloEngine;
  readonly guard: Guard;
  readonly clock: FakeClock;
  readonly told: string[];
}

function withAction(action: ActionOption, options: Partial<ObjectiveOptions> = {}): Fixture {
  const clock = createFakeClock(START_MS);
  const guard = createGuard({ clock, breaker: true, budgets: ["1000000 calls/day"] });
  const objective = anObjective({ match: { agent: "support" }, actions: [action], ...options });
  const { engine } = anEngine([objective], { clock });
  engine.attach(guard);
  const told: string[] = [];
  for (const name of ["action-engaged", "action-released", "action-failed"] as const) {
    engine.on(name, (event) => told.push(`${name} ${event.do}`));
  }
  return { engine, guard, clock, told };
}

/** Guards answer in a few turns of the event loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function burn(engine: SloEngine): void {
  for (let task = 0; task < 20; task++) {
    engine.record({ sli: "task_success", good: false, agent: "support" });
  }
  engine.evaluate();
}

async function pass(clock: FakeClock, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    clock.advance(MINUTE);
    await turns();
  }
}

describe("a breached objective", () => {
  it("throttles its agent, and lets go once it has been quiet for long enough", async () => {
    const { engine, guard, clock, told } = withAction({
      on: "page",
      do: "throttle",
      quietFor: "10m",
    });
    burn(engine);
    await turns();
    expect(guard.kills()).toMatchObject([{ level: "throttle", target: { agent: "support" } }]);
    expect(guard.kills()[0]?.reason).toMatch(/: 20 of 20 tasks failed in the last hour$/);
    await pass(clock, 36); // the short window of the slower page is 30 minutes long
    expect(guard.kills()).toHaveLength(1);
    await pass(clock, 10);
    expect(guard.kills()).toEqual([]);
    expect(told).toEqual(["action-engaged throttle", "action-released throttle"]);
    await engine.close();
    await guard.close();
  });

  it("is throttled for no longer than ten minutes by a process that died", async () => {
    const { engine, guard, clock } = withAction({ on: "page", do: "throttle" });
    burn(engine);
    await turns();
    expect(guard.kills()[0]?.expiresAtMs).toBe(clock.wallMs() + 10 * MINUTE);
    await pass(clock, 6);
    expect(guard.kills()).toHaveLength(1); // renewed, not doubled
    expect(guard.kills()[0]?.expiresAtMs).toBeGreaterThan(START_MS + 10 * MINUTE);
    await engine.close();
    expect(guard.kills()).toEqual([]);
    await guard.close();
  });

  it("does not flap when the data does", async () => {
    const { engine, guard, clock, told } = withAction(
      { on: "page", do: "throttle", quietFor: "30m" },
      { alerts: [{ severity: "page", long: "1h", factor: 14.4 }] },
    );
    const alerts: string[] = [];
    engine.on("alert-fired", () => alerts.push("fired"));
    for (let round = 0; round < 12; round++) {
      burn(engine);
      await pass(clock, 10);
    }
    expect(alerts).toHaveLength(12);
    expect(told).toEqual(["action-engaged throttle"]);
    await engine.close();
    await guard.close();
  });

  it("stays throttled although it is looked at every half an hour only", async () => {
    const clock = createFakeClock(START_MS);
    const guard = createGuard({ clock });
    const objective = anObjective({ actions: [{ on: "page", do: "throttle" }] });
    const { engine } = anEngine([objective], { clock, evaluateEveryMs: 30 * MINUTE });
    engine.attach(guard);
    let throttled = 0;
    for (let minute = 0; minute < 120; minute++) {
      record(engine, 10, 10);
      await pass(clock, 1);
      throttled += guard.kills().length > 0 ? 1 : 0;
    }
    expect(throttled).toBeGreaterThanOrEqual(90);
    await engine.close();
    await guard.close();
  });

  it("is frozen for a rollout that only asks", async () => {
    const { state } = createMemoryStore();
    const objective = anObjective({ actions: [{ on: "exhausted", do: "freeze" }] });
    const { engine: agents, clock } = anEngine([objective], { state });
    record(agents, 100, 20);
    await agents.close();
    const { engine: rollout } = anEngine([objective], { state, clock });
    expect(rollout.isFrozen()).toBe(false); // nobody has told it yet
    await rollout.sync();
    expect([rollout.isFrozen(), rollout.isFrozen("tasks")]).toEqual([true, true]);
    await rollout.close();
  });

  it("is killed until somebody revives it, and not again before it was quiet", async () => {
    const { engine, guard, clock, told } = withAction({ on: "page", do: "kill" });
    burn(engine);
    await turns();
    await pass(clock, 120);
    const [kill] = guard.kills();
    expect(kill).toMatchObject({ level: "stop", by: "burnrate-slo:tasks" });
    burn(engine);
    await guard.revive(kill?.id ?? "", { reason: "mended", by: "on-call" });
    await pass(clock, 3);
    expect(guard.kills()).toEqual([]);
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

  it("calls the cheaper model until it is well", async () => {
    const { engine, guard, clock } = withAction({ on: "page", do: { downgrade: "cheap" } });
    const substituted: GuardEvents["model-substituted"][] = [];
    guard.on("model-substituted", (event) => substituted.push(event));
    const models = { cheap: { provider: "openai", name: "gpt-5-nano" } };
    const call = async (agent: string): Promise<void> => {
      const request = { kind: "model", provider: "openai", name: "gpt-5", models } as const;
      await guard.with({ agent }, () => guard.run(request, () => ({ value: 1 })));
    };
    await call("support");
    expect(substituted).toEqual([]);
    burn(engine);
    await turns();
    await call("support/refunds");
    await call("research");
    expect(substituted).toMatchObject([
      { from: "openai/gpt-5", to: "openai/gpt-5-nano", key: "cheap", because: "downgrade" },
    ]);
    await pass(clock, 50);
    await call("support");
    expect(substituted).toHaveLength(1);
    await engine.close();
    await guard.close();
  });

  it("opens a circuit and closes it again", async () => {
    const { engine, guard, clock } = withAction({
      on: "page",
      do: { openBreaker: "openai/gpt-5" },
    });
    const call = () =>
      guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, () => ({ value: 1 }));
    await call();
    burn(engine);
    await turns();
    await expect(call()).rejects.toMatchObject({ code: "BR5001" });
    await pass(clock, 50);
    await expect(call()).resolves.toBe(1);
    await engine.close();
    await guard.close();
  });

  it("keeps a circuit open for as long as one of several objectives wants it open", async () => {
    const clock = createFakeClock(START_MS);
    const guard = createGuard({ clock, breaker: true });
    const action = (openBreaker: string): ActionOption => ({ on: "page", do: { openBreaker } });
    const { engine } = anEngine(
      [
        anObjective({ name: "a", sli: "a", actions: [action("openai/gpt-5")] }),
        anObjective({ name: "b", sli: "b", actions: [action("openai/gpt-5")] }),
        anObjective({ name: "all", sli: "all", actions: [action("openai/*")] }),
      ],
      { clock },
    );
    engine.attach(guard);
    const call = () =>
      guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, () => ({ value: 1 }));
    const isOpen = async (): Promise<boolean> => {
      await turns();
      return call().then(
        () => false,
        (error: { code: string }) => error.code === "BR5001",
      );
    };
    record(engine, 20, 20, "all");
    record(engine, 20, 20, "a");
    for (let minute = 0; minute < 65; minute++) {
      if (minute < 30) record(engine, 20, 20, "b");
      await pass(clock, 1);
      expect([minute, await isOpen()]).toEqual([minute, true]);
    }
    await pass(clock, 10);
    expect(await isOpen()).toBe(false);
    await engine.close();
    await guard.close();
  });

  it("is not stopped by a single bad call, however much of the budget that is", async () => {
    const { engine, guard, clock } = withAction({ on: "exhausted", do: "kill" });
    const fail = (): void => engine.record({ sli: "task_success", good: false, agent: "support" });
    fail();
    await pass(clock, 2);
    expect(engine.status("tasks").state).toBe("exhausted");
    expect(guard.kills()).toEqual([]);
    fail();
    await pass(clock, 2);
    expect(guard.kills()).toHaveLength(1);
    await engine.close();
    await guard.close();
  });

  it("lets go of what a guard grants only while the engine closes", async () => {
    const clock = createFakeClock(START_MS);
    let grant = (): void => {};
    const asked = new Promise<void>((resolve) => {
      grant = resolve;
    });
    const guard = createGuard({ clock, authorize: () => asked.then(() => true) });
    const actions: ActionOption[] = [{ on: "page", do: "throttle" }];
    const { engine } = anEngine([anObjective({ actions })], { clock });
    engine.attach(guard);
    record(engine, 20, 20);
    engine.evaluate();
    const closed = engine.close();
    await turns();
    grant();
    await closed;
    expect(guard.kills()).toEqual([]);
    await guard.close();
  });

  it("freezes what rollouts ask about", async () => {
    const { engine, guard, clock, told } = withAction({ on: "exhausted", do: "freeze" });
    expect(engine.isFrozen()).toBe(false);
    burn(engine);
    expect([engine.isFrozen(), engine.isFrozen("tasks")]).toEqual([true, true]);
    await pass(clock, 1);
    for (let task = 0; task < 10_000; task++) {
      engine.record({ sli: "task_success", good: true, agent: "support" });
    }
    await pass(clock, 12);
    expect(engine.isFrozen()).toBe(false);
    expect(told).toEqual(["action-engaged freeze", "action-released freeze"]);
    await engine.close();
    await guard.close();
  });

  it("says when a guard refuses, and tries again", async () => {
    const { engine, guard, clock, told } = withAction({
      on: "page",
      do: { openBreaker: "openai/*" },
    });
    const bare = createGuard({ clock });
    engine.attach(bare);
    burn(engine);
    await turns();
    expect(told).toEqual(["action-engaged open-breaker", "action-failed open-breaker"]);
    await pass(clock, 1);
    expect(told.length).toBeGreaterThan(2);
    await engine.close();
    await guard.close();
    await bare.close();
  });
});

describe("silence", () => {
  const alerts = [{ severity: "page", long: "1h", factor: 14.4, whenNoData: true }] as const;

  it("that pages stops rollouts until something is heard again", async () => {
    const { engine, guard, clock, told } = withAction({ on: "page", do: "freeze" }, { alerts });
    record(engine, 10, 0);
    engine.record({ sli: "task_success", good: true, agent: "support" });
    await pass(clock, 59);
    expect(engine.isFrozen()).toBe(false);
    await pass(clock, 3);
    expect(engine.status("tasks").alerts).toMatchObject([
      {
        firing: true,
        text: "Nothing was measured in the last hour, so that nobody knows how tasks do.",
      },
    ]);
    expect(engine.isFrozen()).toBe(true);
    for (let minute = 0; minute < 12; minute++) {
      engine.record({ sli: "task_success", good: true, agent: "support" });
      await pass(clock, 1);
    }
    expect(engine.isFrozen()).toBe(false);
    expect(told).toEqual(["action-engaged freeze", "action-released freeze"]);
    await engine.close();
    await guard.close();
  });

  it("that pages neither throttles, kills, downgrades nor opens a circuit", async () => {
    for (const action of [
      "throttle",
      "kill",
      { downgrade: "cheap" },
      { openBreaker: "openai/*" },
    ] as const) {
      const { engine, guard, clock, told } = withAction({ on: "burn", do: action }, { alerts });
      const fired: string[] = [];
      engine.on("alert-fired", ({ severity }) => fired.push(severity));
      await pass(clock, 90);
      expect(fired).toEqual(["page"]);
      expect(told).toEqual([]);
      expect(guard.kills()).toEqual([]);
      await engine.close();
      await guard.close();
    }
  });

  it("that comes and goes begins and ends a freeze once, and only after it has lasted", async () => {
    const { engine, guard, clock, told } = withAction(
      { on: "page", do: "freeze", after: "20m", quietFor: "2h" },
      { alerts },
    );
    const one = (): void => engine.record({ sli: "task_success", good: true, agent: "support" });
    one();
    await pass(clock, 75); // silent for 15 minutes: not long enough
    one();
    await pass(clock, 85);
    expect(told).toEqual(["action-engaged freeze"]);
    for (let round = 0; round < 4; round++) {
      one();
      await pass(clock, 80); // quiet for an hour, and silent for 20 minutes
    }
    expect(told).toEqual(["action-engaged freeze"]);
    for (let hour = 0; hour < 4; hour++) {
      one();
      await pass(clock, 50);
    }
    expect(told).toEqual(["action-engaged freeze", "action-released freeze"]);
    await engine.close();
    await guard.close();
  });
});

describe("an attached guard", () => {
  it("feeds the objectives with what its calls and tasks did", async () => {
    const clock = createFakeClock(START_MS);
    const guard = createGuard({ clock });
    const { engine } = anEngine(
      [
        anObjective(),
        anObjective({ name: "calls", sli: "call_success", match: { model: "gpt-5" } }),
      ],
      { clock },
    );
    const detach = engine.attach(guard);
    const one = (fails: boolean) =>
      guard.task({ name: "refund", agent: "support" }, async () => {
        await guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, () => ({ value: 1 }));
        if (fails) throw new Error("no");
      });
    await one(false);
    await one(true).catch(() => {});
    expect(engine.status("tasks")).toMatchObject({ total: 2, bad: 1 });
    expect(engine.status("calls")).toMatchObject({ total: 2, bad: 0, state: "healthy" });
    await detach();
    await one(false);
    expect(engine.status("tasks").total).toBe(2);
    await guard.close();
  });
});

describe("events", () => {
  it("tell once when an alert fires, and once when it is over", () => {
    const { engine, clock } = anEngine([anObjective()]);
    const told: string[] = [];
    engine.on("alert-fired", ({ severity, long }) => told.push(`fired ${severity} ${long}`));
    engine.on("alert-resolved", ({ severity, long }) => told.push(`resolved ${severity} ${long}`));
    engine.on("state-changed", ({ from, to }) => told.push(`${from} → ${to}`));
    record(engine, 100, 10);
    clock.advance(10_000);
    clock.advance(7 * 60 * MINUTE);
    expect(told.slice(0, 3)).toEqual(["fired page 6h", "fired ticket 1d", "fired ticket 3d"]);
    expect(told).toContain("no_data → exhausted");
    expect(told).toContain("resolved page 6h");
    expect(told.filter((one) => one === "fired page 6h")).toHaveLength(1);
  });

  it("silence of an agent is told after ten minutes, and its end", async () => {
    const { absenceRule } = await import("../objective/absence-rule.ts");
    const rule = absenceRule({
      name: "support is silent",
      match: { agent: "support" },
      after: "10m",
    });
    const { engine, clock } = anEngine([anObjective()], { absences: [rule] });
    const told: string[] = [];
    engine.on("absence-detected", ({ text }) => told.push(text));
    engine.on("absence-ended", ({ rule: name }) => told.push(`${name}: over`));
    engine.record({ sli: "call_success", good: true, agent: "support" });
    clock.advance(9 * MINUTE);
    engine.record({ sli: "call_success", good: true, agent: "research" });
    expect(engine.absences()).toEqual([]);
    clock.advance(MINUTE);
    expect(engine.absences()).toMatchObject([{ rule: "support is silent" }]);
    engine.record({ sli: "task_success", good: false, agent: "support/refunds" });
    expect(engine.absences()).toEqual([]);
    expect(told).toEqual([
      "No events from agent support for 10 minutes.",
      "support is silent: over",
    ]);
  });
});
