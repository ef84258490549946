import { createGuard, createMemoryStore, type GuardEvents } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import type { ActionOption } from "../objective/action.ts";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { burn, MINUTE, pass, turns, withAction } from "../testing/actions.ts";

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

  it("says first of the end of an action what ended it, and then why it had begun", async () => {
    const { engine, guard, clock } = withAction({ on: "page", do: "throttle", quietFor: "10m" });
    const reasons: string[] = [];
    engine.on("action-engaged", ({ reason }) => reasons.push(reason));
    engine.on("action-released", ({ reason }) => reasons.push(reason));
    burn(engine);
    await turns();
    await pass(clock, 46);
    const [begun = "", ended] = reasons;
    expect(begun).toMatch(/^objective "tasks": At this pace .* 20 of 20 tasks failed/);
    expect(ended).toBe(`Quiet for 10m, after ${begun}`);
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

  it.each(["before", "while"])(
    "leaves a circuit to the person who opened it %s an objective did",
    async (when) => {
      const fixture = withAction({ on: "page", do: { openBreaker: "openai/*" } });
      const { engine, guard, clock, told } = fixture;
      const ada = { reason: "incident 7", by: "ada", ttlMs: 180 * MINUTE };
      const open = () => guard.breaker.forceOpen("openai/gpt-5", ada);
      const call = (name: string) =>
        guard.run({ kind: "model", provider: "openai", name }, () => ({ value: 1 }));
      if (when === "before") await open();
      burn(engine);
      await turns();
      await expect(call("gpt-4o")).rejects.toMatchObject({ code: "BR5001" });
      if (when === "while") await open();
      await pass(clock, 60);
      expect(told.at(-1)).toBe("action-released open-breaker");
      await expect(call("gpt-5")).rejects.toMatchObject({ details: { by: "ada" } });
      await expect(call("gpt-4o")).resolves.toBe(1);
      await engine.close();
      await guard.close();
    },
  );

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
