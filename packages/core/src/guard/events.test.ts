import { describe, expect, it } from "vitest";
import { codeOf, model, settled, setUp, spend, used } from "./test-fixture.ts";

describe("listeners", () => {
  it("hear of a call's admission and end, or of its refusal", async () => {
    const { guard } = setUp({ budgets: ["1 call"] });
    const seen: string[] = [];
    guard.on("call-admitted", ({ name }) => seen.push(`admitted ${name}`));
    guard.on("call-settled", ({ outcome }) => seen.push(`settled ${outcome}`));
    guard.on("call-refused", ({ code, error, context }) => {
      seen.push(`refused ${code} ${error.code} ${context.agent}`);
    });
    await spend(guard);
    await codeOf(guard.with({ agent: "a" }, () => guard.begin(model(1, 1))));
    expect(seen).toEqual(["admitted gpt-5-mini", "settled success", "refused BR2001 BR2001 a"]);
  });

  it("that throw or reject are counted, and heard by neither the caller nor each other", async () => {
    const { guard } = setUp();
    let heard = 0;
    guard.on("call-settled", () => {
      throw new Error("x");
    });
    guard.on("call-settled", () => Promise.reject(new Error("x")) as never);
    guard.on("call-settled", () => {
      heard++;
    });
    await spend(guard);
    await settled();
    expect([heard, guard.metrics().dropped.listenerErrors]).toEqual([1, 2]);
  });

  it("cannot change what the next one hears", async () => {
    const { guard } = setUp({ budgets: ["1 call"] });
    const codes: string[] = [];
    guard.on("call-refused", (event) => void Object.assign(event, { code: "BR0000" }));
    guard.on("call-refused", ({ code }) => void codes.push(code));
    await spend(guard);
    await codeOf(spend(guard));
    expect(codes).toEqual(["BR2001"]);
    expect(guard.metrics().dropped.listenerErrors).toBe(1);
  });

  it("stop hearing when they say so, once each, also in the middle of an event", async () => {
    const { guard } = setUp();
    const seen: string[] = [];
    const listener = (): void => void seen.push("twice");
    const first = guard.on("call-settled", listener);
    guard.on("call-settled", listener);
    const once = guard.on("call-settled", () => {
      seen.push("once");
      once();
    });
    await spend(guard);
    first();
    first();
    await spend(guard);
    expect(seen).toEqual(["twice", "twice", "once", "twice"]);
  });

  it("may use the guard", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    let inside: Promise<unknown> = Promise.resolve();
    const stop = guard.on("call-settled", () => {
      stop();
      inside = spend(guard);
    });
    await spend(guard);
    expect(await inside).toMatchObject({ outcome: "success" });
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ["a misspelt event", "call-setled", () => {}, /Did you mean "call-settled"/],
    ["no event", undefined, () => {}, /on\.event/],
    ["no listener", "call-settled", undefined, /on\.listener/],
  ])("are refused with %s, which would never be heard", (_, name, listener, message) => {
    const { guard } = setUp();
    expect(() => guard.on(name as never, listener as never)).toThrow(message);
  });
});

describe("a warning", () => {
  it("is said once for each thing", async () => {
    const { guard } = setUp({ budgets: ["1k calls/hour per org"] });
    const said: string[] = [];
    guard.on("warning", ({ topic, message }) => said.push(`${topic}: ${message}`));
    for (let index = 0; index < 3; index++) await spend(guard);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/budget-without-org:.*guard\.with/);
  });
});

describe("latency and time to first token", () => {
  it("are measured on the monotonic clock", async () => {
    const { guard, clock, records } = setUp();
    const permit = await guard.begin(model(1, 10));
    permit.dispatched();
    clock.setWall(0);
    clock.advance(120);
    permit.progress({ outputTokens: 1 });
    clock.advance(80);
    permit.progress({ outputTokens: 5 });
    await permit.settle(used(1, 5));
    expect(records).toMatchObject([{ latencyMs: 200, timeToFirstTokenMs: 120 }]);
  });
});
