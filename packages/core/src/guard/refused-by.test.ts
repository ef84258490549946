import { describe, expect, it } from "vitest";
import type { GuardOptions } from "../index.ts";
import type { SliEvent } from "../sli/sli.ts";
import { model, settled, setUp, spend, tool, WHY } from "./test-fixture.ts";

const OTHER = { reason: "the provider is down", by: "grace" };

/** How the indicator tells of a task that one refused call ended, and what the refusal says. */
async function refuse(
  act: (test: ReturnType<typeof setUp>) => Promise<unknown>,
  options: GuardOptions = {},
) {
  const test = setUp(options);
  const told: SliEvent[] = [];
  test.guard.sli.subscribe((event) => {
    if (event.sli === "task_success") told.push(event);
  });
  await act(test);
  const error = test.guard.task({ name: "t" }, () => test.guard.begin(model(1, 1))).catch((e) => e);
  await settled();
  test.clock.advance(30_000);
  const { details } = await error;
  const [{ outcome, endedBy, refusedBy } = {}] = told;
  expect(outcome).toBe("bad");
  return { endedBy, refusedBy, by: details.by };
}

describe("a task that a refusal ended", () => {
  it("says who pulled the kill", async () => {
    const told = await refuse(({ guard }) => guard.kill("everything", WHY));
    expect(told).toEqual({ endedBy: "BR1001", refusedBy: WHY.by, by: WHY.by });
  });

  it("says who throttled, where a turn did not come in time", async () => {
    const told = await refuse(async ({ guard }) => {
      await guard.kill("everything", { ...OTHER, level: "throttle" });
      (await guard.begin(tool("slow"))).dispatched();
    });
    expect(told).toEqual({ endedBy: "BR4002", refusedBy: OTHER.by, by: OTHER.by });
  });

  it.each([
    ["of a model that was never called", false],
    ["of one that was", true],
  ])("says who forced the circuit open %s", async (_, isCalled) => {
    const told = await refuse(
      async ({ guard }) => {
        if (isCalled) await (await guard.begin(model(1, 1))).fail(new Error("it is down"));
        await guard.breaker.forceOpen("*", { ...OTHER, ttlMs: 60_000 });
      },
      { breaker: true },
    );
    expect(told).toEqual({ endedBy: "BR5001", refusedBy: OTHER.by, by: OTHER.by });
  });

  it("names nobody where a limit did", async () => {
    const begin = ({ guard }: ReturnType<typeof setUp>) => guard.begin(tool("slow"));
    const told = await refuse(begin, { limits: ["1 at once"] });
    expect(told).toEqual({ endedBy: "BR4002", refusedBy: undefined, by: undefined });
  });

  it("names nobody where somebody may not do what it tried", async () => {
    const { guard } = setUp({ authorize: () => false });
    const told: SliEvent[] = [];
    guard.sli.subscribe((event) => told.push(event));
    await guard.task({ name: "t" }, () => guard.kill("everything", WHY)).catch(() => {});
    expect(told[0]).toMatchObject({ sli: "task_success", endedBy: "BR3001", refusedBy: undefined });
  });
});

describe("a task whose calls waited for their turn", () => {
  /** A guard under a throttle with one call under way, and how long tasks took. */
  async function throttled() {
    const { guard, clock } = setUp();
    const told: SliEvent[] = [];
    guard.sli.subscribe((event) => {
      if (event.sli === "task_duration") told.push(event);
    });
    await guard.kill("everything", { ...OTHER, level: "throttle" });
    return { guard, clock, told, running: await guard.begin(tool("slow")) };
  }

  it("says of its duration how much of it that was, and who throttled", async () => {
    const { guard, clock, told, running } = await throttled();
    const task = guard.task({ name: "outer" }, () =>
      guard.task({ name: "inner" }, async () => {
        await spend(guard);
        clock.advance(1_000);
      }),
    );
    await settled();
    clock.advance(20_000);
    await running.release();
    await task;
    await guard.task({ name: "later" }, () => spend(guard));
    const waited = { ms: 20_000, by: OTHER.by };
    expect(told).toMatchObject([
      { value: 21_000, throttled: waited },
      { value: 21_000, throttled: waited },
      { value: 0, throttled: undefined },
    ]);
  });

  it("counts the time in which several wait at once a single time", async () => {
    const { guard, clock, told, running } = await throttled();
    const task = guard.task({ name: "t" }, async () => {
      await Promise.all([spend(guard), spend(guard), spend(guard)]);
      clock.advance(60_000);
    });
    await settled();
    clock.advance(20_000);
    await running.release();
    await task;
    expect(told).toMatchObject([{ value: 80_000, throttled: { ms: 20_000, by: OTHER.by } }]);
  });

  it("names who made it wait longest, and what that was alone", async () => {
    const { guard, clock } = setUp();
    const told: SliEvent[] = [];
    guard.sli.subscribe((event) => {
      if (event.sli === "task_duration") told.push(event);
    });
    const throttle = async (by: string) => {
      const { id } = await guard.kill("everything", { reason: "slow", by, level: "throttle" });
      return { id, running: await guard.begin(tool("slow")) };
    };
    const first = await throttle(OTHER.by);
    const { promise: isThrottledAgain, resolve: goOn } = Promise.withResolvers<void>();
    const task = guard.task({ name: "t" }, async () => {
      await spend(guard);
      await isThrottledAgain;
      await spend(guard);
    });
    await settled();
    clock.advance(20_000);
    await guard.revive(first.id, WHY);
    await settled();
    const second = await throttle(WHY.by);
    goOn();
    await settled();
    clock.advance(1_000);
    await second.running.release();
    await task;
    expect(told).toMatchObject([{ value: 21_000, throttled: { ms: 20_000, by: OTHER.by } }]);
  });
});
