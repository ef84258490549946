import { describe, expect, it } from "vitest";
import { account, codeOf, model, settled, setUp, slowStore, spend, used } from "./test-fixture.ts";

const WHOLE = model(0, 5_000); // all of $0.01
const world = (more: Parameters<typeof setUp>[0] = {}) =>
  setUp({ budgets: ["$0.01"], onHeld: "wait", ...more });

describe("a call that would fit if nothing were held", () => {
  it("is refused unless it may wait, and told so as long as waiting helps", async () => {
    const { guard } = setUp({ budgets: ["$0.01"] });
    const first = await guard.begin(WHOLE);
    await expect(guard.begin(WHOLE)).rejects.toThrow(/BR2001.*onHeld: "wait"/);
    first.dispatched();
    await first.settle(used(0, 1));
    await expect(guard.begin(WHOLE)).rejects.toThrow(/BR2001 (?!.*onHeld)/);
    const ofCalls = setUp({ budgets: ["1 call/day"] }).guard; // one that ends gives nothing back
    await ofCalls.begin(WHOLE);
    await expect(ofCalls.begin(WHOLE)).rejects.toThrow(/BR2001 (?!.*onHeld)/);
  });

  it("waits, first in first out", async () => {
    const { guard } = world();
    const first = await guard.begin(WHOLE);
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map(async (name) => {
      const permit = await guard.begin(WHOLE);
      order.push(name);
      permit.dispatched();
      await permit.settle(used(0, 0));
    });
    await settled();
    expect(order).toEqual([]);
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual(["a", "b", "c"]);
    expect((await account(guard)).held).toBe(0);
  });

  it("lets a smaller one behind it go first, when only that one fits", async () => {
    const { guard } = world();
    const [half] = [await guard.begin(model(0, 2_500)), await guard.begin(model(0, 2_500))];
    const big = guard.begin(WHOLE);
    const small = guard.begin(model(0, 1_000));
    await half?.release();
    expect(await codeOf(small)).toBeUndefined();
    await (await small).release();
    await settled();
    expect((await account(guard)).held).toBe(5_000_000);
    big.catch(() => {});
  });

  it("does not wait for money that is spent", async () => {
    const { guard } = world();
    const permit = await guard.begin(WHOLE);
    permit.dispatched();
    await permit.settle(used(0, 1));
    expect(await codeOf(guard.begin(WHOLE))).toBe("BR2001");
  });

  it("does not wait for held money where another budget is spent, which the refusal names", async () => {
    const { guard } = world({ budgets: ["10k tokens", "1 call per user"] });
    await guard.with({ user: "u" }, () => spend(guard));
    await guard.begin(model(0, 9_000));
    const begun = guard.with({ user: "u" }, () => guard.begin(model(0, 9_000)));
    await expect(begun).rejects.toMatchObject({ code: "BR2001", scope: "budget:1 call per user" });
  });

  it("is refused as soon as what was held is spent", async () => {
    const { guard } = world();
    const permit = await guard.begin(WHOLE);
    const waiting = codeOf(guard.begin(WHOLE));
    await settled();
    permit.dispatched();
    await permit.settle(used(0, 1));
    expect(await waiting).toBe("BR2001");
  });

  it("goes on when the sweeper gives back what nobody used", async () => {
    const { guard, clock } = world({ reservation: { undispatchedTtlMs: 5_000 } });
    await guard.begin(WHOLE);
    const waiting = codeOf(guard.begin(WHOLE));
    await settled();
    clock.advance(10_000);
    expect(await waiting).toBeUndefined();
  });

  it("goes on when the window ends in which money was held", async () => {
    const lastSeconds = Date.UTC(2026, 0, 1, 23, 59, 50);
    const { guard, clock } = setUp({ budgets: ["1 call/day"], onHeld: "wait" }, lastSeconds);
    const first = await guard.begin(model(1, 1));
    first.dispatched();
    const second = guard.begin(model(1, 1));
    await settled();
    clock.advance(10_000);
    await (await second).release();
    await first.release();
  });

  it("goes on when the window ends of what came in its way while it waited", async () => {
    const match = { model: "gpt-5" };
    const tokens = { id: "a", limit: { tokens: 100 }, window: "total", match } as const;
    const { guard, clock } = world({ budgets: [tokens, "2 calls/day"] });
    clock.advance(12 * 3_600_000 - 10_000); // to the last seconds of the day
    const first = await guard.begin(model(50, 40, { name: "gpt-5" }));
    const waiting = codeOf(guard.begin(model(40, 10, { name: "gpt-5" })));
    await settled();
    await guard.begin(model(1, 1)); // the last call of the day
    first.dispatched();
    await first.settle(used(1, 1)); // there are tokens again, and no call
    await settled();
    clock.advance(10_000);
    await settled();
    clock.advance(30_000);
    expect(await waiting).toBeUndefined();
  });

  it("gives up after 30 seconds, with the refusal that it had at first", async () => {
    const { guard, clock } = world();
    await guard.begin(WHOLE);
    const waiting = expect(guard.begin(WHOLE)).rejects.toThrow(/BR2001 (?!.*onHeld)/);
    await settled();
    clock.advance(30_000);
    await waiting;
    expect(guard.metrics().calls.refused).toBe(1);
  });

  it("goes when its caller goes, with the caller's reason and nothing held", async () => {
    const { guard } = world();
    const first = await guard.begin(WHOLE);
    const stop = new AbortController();
    const waiting = guard.begin(model(0, 5_000, { signal: stop.signal }));
    await settled();
    stop.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    await first.release();
    expect((await account(guard)).held).toBe(0);
    expect(guard.metrics().calls.refused).toBe(0);
  });

  it("never starts to wait when its caller has gone", async () => {
    const { guard } = world();
    await guard.begin(WHOLE);
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(guard.begin(model(0, 5_000, { signal }))).rejects.toThrow("gone");
  });

  it("is one of at most 1,000 that wait", async () => {
    const { guard } = world();
    const first = await guard.begin(WHOLE);
    const waiting = Array.from({ length: 1_000 }, async () => (await guard.begin(WHOLE)).release());
    await settled();
    expect(await codeOf(guard.begin(WHOLE))).toBe("BR2001");
    await first.release();
    expect(await Promise.all(waiting)).toHaveLength(1_000);
  });

  it("holds nothing when a slow store says yes after its caller has gone", async () => {
    const { store } = slowStore();
    const { guard } = world({ store });
    const first = await guard.begin(WHOLE);
    const stop = new AbortController();
    const waiting = codeOf(
      guard.begin(model(0, 5_000, { signal: stop.signal })).catch(() => undefined),
    );
    await settled();
    const released = first.release();
    while ((await account(guard)).held === 5_000 * 2_000) await Promise.resolve();
    stop.abort();
    await released;
    await waiting;
    await settled();
    expect((await account(guard)).held).toBe(0);
  });
});
