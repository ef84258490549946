import { describe, expect, it } from "vitest";
import { record } from "../test-fixture.ts";
import { pass, withAction } from "../testing/actions.ts";

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
