import { describe, expect, it } from "vitest";
import { account, codeOf, model, setUp, spend, used, WHY } from "./test-fixture.ts";

const LONG = 10 * 60_000;

describe("a call that was sent and has been silent until it expired", () => {
  it("is still cut by a kill", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    const { signal } = permit;
    clock.advance(2 * LONG);
    expect((await account(guard)).unknown).toBeGreaterThan(0);
    expect((await guard.kill("everything", WHY)).aborted).toBe(1);
    expect(signal.aborted).toBe(true);
    expect((await permit.fail(signal.reason)).outcome).toBe("killed");
  });

  it("is still cut by its caller", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] });
    const caller = new AbortController();
    const permit = await guard.begin(model(1, 1, { signal: caller.signal }));
    permit.dispatched();
    const { signal } = permit;
    clock.advance(2 * LONG);
    caller.abort(new Error("enough"));
    expect(signal.aborted).toBe(true);
  });

  it("is forgotten as an object once a thousand others are silent too, and keeps its charge", async () => {
    const { guard, clock } = setUp({ budgets: ["1500 calls/day"] });
    for (let index = 0; index < 1_001; index++) (await guard.begin(model(1, 1))).dispatched();
    clock.advance(2 * LONG);
    expect((await account(guard)).unknown).toBe(1_001);
    expect((await guard.kill("everything", WHY)).aborted).toBe(1_000);
  });

  it("counts as in flight no more", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    clock.advance(2 * LONG);
    expect(guard.metrics().calls.inFlight).toBe(0);
    await permit.settle(used(1, 1));
    expect((await guard.kill("everything", WHY)).aborted).toBe(0);
  });
});

describe("a call that waited over midnight", () => {
  const beforeMidnight = Date.UTC(2026, 0, 1, 23, 59, 59);

  it("for a human spends the money of the day on which it is sent", async () => {
    let allow = (): void => {};
    const asked = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const policy = { decide: () => asked.then(() => ({ outcome: "allow" })) };
    const { guard, clock } = setUp({ budgets: ["1 calls/day"], policy }, beforeMidnight);
    const waiting = guard.begin(model(1, 1));
    clock.advance(2_000);
    allow();
    const permit = await waiting;
    expect(await account(guard)).toMatchObject({ held: 1, resetsAt: Date.UTC(2026, 0, 3) });
    await permit.release();
  });

  it("for held money does too", async () => {
    const { guard, clock } = setUp({ budgets: ["1 calls/day"], onHeld: "wait" }, beforeMidnight);
    const first = await guard.begin(model(1, 1));
    first.dispatched();
    const waiting = guard.begin(model(1, 1));
    clock.advance(2_000);
    await first.settle(used(1, 1));
    const second = await waiting;
    second.dispatched();
    await second.settle(used(1, 1));
    expect(await account(guard)).toMatchObject({ settled: 1, held: 0 });
    expect(await codeOf(spend(guard))).toBe("BR2001");
  });
});

describe("latency", () => {
  it("is the provider's, not that of an approval", async () => {
    const { guard, clock } = setUp({ policy: { decide: async () => ({ outcome: "allow" }) } });
    const waiting = guard.begin(model(1, 1));
    clock.advance(60_000);
    const permit = await waiting;
    clock.advance(59_000); // it has a minute from here, not from the question
    permit.dispatched();
    clock.advance(200);
    permit.progress({ outputTokens: 1 });
    clock.advance(300);
    const record = await permit.settle(used(1, 1));
    expect(record).toMatchObject({ latencyMs: 500, timeToFirstTokenMs: 200 });
  });
});

describe("progress", () => {
  it.each([
    [
      "whose getter throws",
      {
        get outputTokens(): number {
          throw new Error("no");
        },
      },
    ],
    ["that is a revoked proxy", revoked()],
    ["that is null", null],
    ["that is text", { outputTokens: "12" }],
  ])("%s is not heard, and nothing is thrown", async (_, progress) => {
    const { guard } = setUp();
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    expect(() => permit.progress(progress as never)).not.toThrow();
    expect((await permit.settle(used(1, 1))).timeToFirstTokenMs).toBeUndefined();
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("after an evaluator refused a result", () => {
  it("another end of the same call changes nothing and resolves to the record", async () => {
    const evaluators = [
      {
        name: "never",
        on: "model",
        mode: "inline",
        required: true,
        onFail: "refuse",
        evaluate: () => ({ score: 0, passed: false, label: "bad", reason: "" }),
      },
    ] as const;
    const { guard } = setUp({ budgets: ["10 calls/day"], evaluators: [...evaluators] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    expect(await codeOf(permit.settle(used(1, 1)))).toBe("BR6001");
    expect((await permit.fail(new Error("late"))).outcome).toBe("success");
    expect((await permit.release()).outcome).toBe("success");
    expect(await account(guard)).toMatchObject({ settled: 1, held: 0 });
  });
});
