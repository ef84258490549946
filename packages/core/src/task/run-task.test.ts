import { describe, expect, it } from "vitest";
import { ROOT_FRAME, runInFrame } from "../context/context-frame.ts";
import type { GuardEvents } from "../events/guard-events.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { codeOf, model, setUp, spend, used, WHY } from "../guard/test-fixture.ts";
import { wireGuard } from "../guard/wire-guard.ts";
import type { KillLevel } from "../kill/kill-scope.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { runTask } from "./run-task.ts";
import type { TaskInfo } from "./task.ts";

function wired(): { guard: GuardRuntime; refused: GuardEvents["task-refused"][] } {
  const guard = wireGuard({ clock: createFakeClock() });
  const refused: GuardEvents["task-refused"][] = [];
  guard.emitter.on("task-refused", (event) => refused.push(event));
  return { guard, refused };
}

function kill(guard: GuardRuntime, level: KillLevel): void {
  const kind = "kill" as const;
  guard.killSwitch.arm({
    ...{ kind, id: "k-1", target: { agent: "a" }, level, atMs: 0, expiresAtMs: undefined },
    ...WHY,
  });
}

describe("a task that a kill covers", () => {
  it.each<KillLevel>(["drain", "stop", "abort"])(
    "does not run under %s; it is an event and a bad task",
    async (level) => {
      const { guard, refused } = wired();
      kill(guard, level);
      let ran = false;
      const run = runTask(guard, { name: "refund", agent: "a/b" }, () => {
        ran = true;
      });
      expect(await codeOf(run)).toBe("BR1001");
      expect(ran).toBe(false);
      expect(refused).toMatchObject([
        { name: "refund", context: { agent: "a/b" }, code: "BR1001", error: { code: "BR1001" } },
      ]);
      const { slis } = guard.sli.snapshot().totals;
      expect(slis.task_success).toMatchObject({ good: 0, bad: 1, excluded: 0 });
    },
  );

  it("runs inside of one that was running before a drain, not before a stop", async () => {
    for (const [level, code] of [
      ["drain", undefined],
      ["stop", "BR1001"],
    ] as const) {
      const { guard, refused } = wired();
      await runTask(guard, { agent: "a" }, async () => {
        kill(guard, level);
        expect(await codeOf(runTask(guard, {}, () => 1))).toBe(code);
      });
      expect(refused).toHaveLength(code === undefined ? 0 : 1);
    }
  });

  it("does not begin under a drain for a task that another process opened", async () => {
    const { guard } = wired();
    kill(guard, "drain");
    const joined = { ...ROOT_FRAME, context: { agent: "a", task: "t-9" } };
    expect(await runInFrame(joined, () => codeOf(runTask(guard, {}, () => 1)))).toBe("BR1001");
  });

  it("is refused by a stop that came after a drain", async () => {
    const { guard } = wired();
    await runTask(guard, { agent: "a" }, async () => {
      kill(guard, "drain");
      kill(guard, "stop");
      expect(await codeOf(runTask(guard, {}, () => 1))).toBe("BR1001");
    });
  });
});

describe("a task", () => {
  const broken = (): never => {
    throw new Error("hostile");
  };

  it.each<[string, unknown, RegExp]>([
    [
      "nothing",
      undefined,
      /task must be an object such as \{ name: "refund", agent: "support" \}; got undefined/,
    ],
    ["a misspelt key", { nmae: "x" }, /task has no option "nmae".*Did you mean "name"/],
    ["an id", { task: "t-9" }, /task has no option "task"/],
    ["a name that is a number", { name: 5 }, /task\.name must be a string; got 5/],
    ["an agent that is a number", { agent: 5 }, /context\.agent must be a text/],
    ["a Proxy that throws", new Proxy({}, { ownKeys: broken }), /task must be an object/],
    [
      "a getter that throws",
      Object.defineProperty({}, "name", { get: broken, enumerable: true }),
      /task must be an object/,
    ],
  ])("is refused with a ConfigError that names what is wrong: %s", async (_, info, message) => {
    const { guard } = wired();
    const run = runTask(guard, info as TaskInfo, () => 1);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toMatchObject({ code: "BR9001" });
    const opened = setUp().guard;
    expect(() => opened.openTask(info as TaskInfo)).toThrow(/^BR9001/);
  });

  it("without a function is refused, and counted as nothing", async () => {
    const { guard } = wired();
    await expect(runTask(guard, {}, undefined as never)).rejects.toThrow(
      /^BR9001 task\.fn must be a function; got undefined/,
    );
    expect(guard.sli.snapshot().series).toEqual([]);
    expect(guard.tasks.size).toBe(0);
  });

  it("counts once, also when a listener of its end ends it again", async () => {
    const { guard } = setUp();
    const task = guard.openTask({ name: "refund" });
    let told = 0;
    guard.on("task-ended", () => {
      told++;
      void task.end();
    });
    await task.end();
    expect(told).toBe(1);
    expect(guard.metrics().totals.slis.task_success.good).toBe(1);
  });

  it("that throws what cannot be read has failed like any other", async () => {
    const { guard } = wired();
    const hostile = new Proxy({}, { get: broken, getPrototypeOf: broken, has: broken });
    const thrown = await runTask(guard, {}, () => {
      throw hostile;
    }).catch((error: unknown) => error === hostile);
    expect(thrown).toBe(true);
    expect(guard.sli.snapshot().totals.slis.task_success).toMatchObject({ bad: 1 });
  });
});

describe("what a task costs", () => {
  it("is not known when one of its calls has no known price, and no indicator counts it", async () => {
    const { guard } = setUp();
    const costs: unknown[] = [];
    guard.on("task-ended", ({ costNanoUsd }) => costs.push(costNanoUsd));
    const unknown = { ...model(1, 1), name: "nobody-knows" };
    await guard.task({}, () => spend(guard));
    await guard.task({}, async () => {
      await (await guard.begin(unknown)).release();
    });
    const priced = () => guard.metrics().totals.costPerTask?.count;
    expect(priced()).toBe(2);
    await guard.task({}, async () => {
      const call = await guard.begin(unknown);
      call.dispatched();
      await call.settle(used(1, 1));
      await spend(guard);
    });
    expect(costs).toEqual([2_250, 0, undefined]);
    expect(priced()).toBe(2);
  });
});
