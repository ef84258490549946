import { describe, expect, it } from "vitest";
import { model, settled, setUp, spend, tool, WHY } from "../guard/test-fixture.ts";
import { createBreaker, createGuard } from "../index.ts";
import { down, failWith, opened, refusalOf } from "./test-guards.ts";

describe("a guard with a breaker", () => {
  it("refuses calls of a model that is down, tells it as an event, and recovers", async () => {
    const { guard, clock } = setUp({ breaker: { random: () => 0 } });
    const told: string[] = [];
    guard.on("circuit-opened", ({ key, why }) => told.push(`opened ${key}: ${why}`));
    guard.on("circuit-half-opened", ({ key }) => told.push(`half-opened ${key}`));
    guard.on("circuit-closed", ({ key }) => told.push(`closed ${key}`));
    for (let count = 0; count < 5; count++) await failWith(guard, down());
    await expect(guard.begin(model(1, 1))).rejects.toMatchObject({
      code: "BR5001",
      name: "CircuitOpenError",
      retryable: false,
    });
    clock.advance(30_000);
    for (let count = 0; count < 3; count++) await spend(guard);
    expect(told).toEqual([
      "opened openai/gpt-5-mini: 5 of 5 calls failed in the last 10 minutes; 25 % are tolerated",
      "half-opened openai/gpt-5-mini",
      "closed openai/gpt-5-mini",
    ]);
  });

  it("never opens for a burst of callers who leave", async () => {
    const { guard } = setUp({ breaker: true });
    for (let count = 0; count < 200; count++) {
      const caller = new AbortController();
      const permit = await guard.begin(model(1, 1, { signal: caller.signal }));
      permit.dispatched();
      caller.abort();
      await permit.fail(caller.signal.reason);
    }
    expect(guard.circuits()).toEqual([]);
    expect(await refusalOf(guard)).toBeUndefined();
  });

  it.each([400, 401, 403, 404, 408, 422, 499])("never opens for answers of %i", async (status) => {
    const { guard } = setUp({ breaker: true });
    for (let count = 0; count < 20; count++) {
      await failWith(guard, Object.assign(new Error("no"), { status }));
    }
    expect(await refusalOf(guard)).toBeUndefined();
  });

  it("leaves a provider alone for as long as its Retry-After says", async () => {
    const { guard, clock } = setUp({ breaker: true });
    const busy = { statusCode: 529, responseHeaders: { "retry-after": "20" } };
    await failWith(guard, Object.assign(new Error("overloaded"), busy));
    expect(await refusalOf(guard)).toMatchObject({ state: "paused", retryAfterMs: 20_000 });
    expect(guard.circuits()).toMatchObject([{ state: "paused", failures: 0 }]);
    clock.advance(20_000);
    expect(await refusalOf(guard)).toBeUndefined();
  });

  it("probes a tool with a call that may be made twice, and with no other", async () => {
    const { guard, clock } = setUp({ breaker: true });
    const refund = tool("refund");
    for (let count = 0; count < 5; count++) await failWith(guard, down(), refund);
    clock.advance(30_000);
    expect(await refusalOf(guard, refund)).toMatchObject({ state: "open" });
    expect(await refusalOf(guard, { ...refund, idempotent: true })).toBeUndefined();
  });

  it("gives a probe's slot back when the budget refuses the call", async () => {
    const { guard, clock } = setUp({ breaker: { probes: 1 }, budgets: ["6 calls/day"] });
    for (let count = 0; count < 5; count++) await failWith(guard, down());
    clock.advance(30_000);
    const probe = await guard.begin(model(1, 1));
    expect(await refusalOf(guard)).toMatchObject({ state: "half-open" });
    await probe.release();
    await spend(guard);
    await guard.breaker.reset("*", WHY);
    expect(guard.circuits()[0]?.state).toBe("closed");
  });

  it("holds just as many probes as it may when a thousand calls come at once", async () => {
    const { guard, clock } = await opened({ breaker: { probes: 3 } });
    clock.advance(30_000);
    const all = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => guard.begin(model(1, 1))),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });

  it("gets the slot of a silent probe back when it expires", async () => {
    const { guard, clock } = await opened({ breaker: { probes: 1 } });
    clock.advance(30_000);
    (await guard.begin(model(1, 1))).dispatched();
    expect(await refusalOf(guard)).toBeDefined();
    clock.advance(30 * 60_000);
    expect(await refusalOf(guard)).toBeUndefined();
  });

  it("counts an evaluator's own calls like any other", async () => {
    const { guard } = setUp({
      breaker: true,
      evaluators: [
        {
          name: "judge",
          on: "tool",
          mode: "inline",
          required: false,
          evaluate: async () => {
            await failWith(guard, down());
            return { passed: true };
          },
        },
      ],
    });
    for (let count = 0; count < 5; count++) await spend(guard, tool("search"));
    await settled();
    expect(guard.circuits().map(({ key, state }) => `${key} ${state}`)).toContain(
      "openai/gpt-5-mini open",
    );
  });

  it("shares its circuits with another guard that has the same breaker", async () => {
    const breaker = createBreaker();
    const { guard } = await opened({ breaker });
    const other = createGuard({ breaker });
    expect(await refusalOf(other)).toMatchObject({ state: "open" });
    expect(other.circuits()).toEqual(guard.circuits());
  });
});
