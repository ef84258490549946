import { describe, expect, it } from "vitest";
import { model, setUp, spend, tool, WHY } from "../guard/test-fixture.ts";
import type { ControlAction, Guard } from "../index.ts";
import { down, failWith, opened, refusalOf, TTL } from "./test-guards.ts";

describe("whoever is on call", () => {
  it("sees every circuit, since when it is so, and when it will be tried again", async () => {
    const { guard, clock } = await opened({ breaker: { random: () => 0 } });
    const sinceMs = clock.wallMs();
    clock.advance(10_000);
    expect(guard.circuits()).toEqual([
      {
        key: "openai/gpt-5-mini",
        state: "open",
        sinceMs,
        calls: 5,
        failures: 5,
        slow: 0,
        retryAtMs: sinceMs + 30_000,
        why: "5 of 5 calls failed in the last 10 minutes; 25 % are tolerated",
      },
    ]);
  });

  it("opens the circuits of a provider for a while, also of models that nothing has called", async () => {
    const { guard, clock } = setUp({ breaker: true });
    const told: unknown[] = [];
    guard.on("circuit-opened", (event) => told.push(event));
    expect(await guard.breaker.forceOpen("openai/*", { ...TTL, reason: "incident 7" })).toEqual([]);
    expect(await refusalOf(guard)).toMatchObject({ state: "forced-open", retryAfterMs: 60_000 });
    expect(await refusalOf(guard, tool("openai"))).toBeUndefined();
    expect(told).toMatchObject([
      {
        key: "openai/*",
        by: "me",
        why: "forced open by me for 1 minute: incident 7",
        retryAtMs: clock.wallMs() + 60_000,
      },
    ]);
    clock.advance(60_000);
    expect(await refusalOf(guard)).toBeUndefined();
  });

  it("opens and resets those of a provider to whose name a framework appends the kind of model", async () => {
    const { guard } = setUp({ breaker: true });
    const chat = model(1, 1, { provider: "openai.chat" });
    const other = model(1, 1, { provider: "openai-compatible" });
    await spend(guard, chat);
    const covered = ["openai.chat/gpt-5-mini"];
    expect(await guard.breaker.forceOpen("openai/*", TTL)).toEqual(covered);
    expect(await refusalOf(guard, chat)).toMatchObject({ state: "forced-open", by: "me" });
    const image = model(1, 1, { provider: "openai.image" });
    expect(await refusalOf(guard, image)).toMatchObject({ state: "forced-open" });
    expect(await refusalOf(guard, other)).toBeUndefined();
    await guard.breaker.reset("openai.image/gpt-5-mini", WHY);
    expect(await refusalOf(guard, image)).toBeUndefined();
    expect(await refusalOf(guard, chat)).toMatchObject({ state: "forced-open" });
    await guard.breaker.forceOpen("openai.chat/gpt-5-mini", TTL);
    expect(await guard.breaker.reset("openai/gpt-5-mini", WHY)).toEqual(covered);
    expect(await refusalOf(guard, chat)).toBeUndefined();
  });

  it("takes back an own force of an endpoint by the provider's name, and hears of no other endpoint's", async () => {
    const { guard } = setUp({ breaker: true });
    const told: string[] = [];
    const chat = model(1, 1, { provider: "openai.chat" });
    await guard.breaker.forceOpen("openai.chat/*", TTL);
    expect(await refusalOf(guard, chat)).toMatchObject({ state: "forced-open" });
    guard.on("circuit-opened", ({ key }) => told.push(key));
    await guard.breaker.reset("openai.responses/*", { ...WHY, isOwn: true });
    expect(told).toEqual([]);
    await guard.breaker.reset("openai/*", { ...WHY, isOwn: true });
    expect(await refusalOf(guard, chat)).toBeUndefined();
    expect(told).toEqual([]);
  });

  it("resets the endpoints of a provider that was forced as a whole, by a glob of them", async () => {
    const { guard } = setUp({ breaker: true });
    await guard.breaker.forceOpen("openai/*", TTL);
    await guard.breaker.reset("openai.*/*", WHY);
    const chat = model(1, 1, { provider: "openai.chat" });
    expect(await refusalOf(guard, chat)).toBeUndefined();
    const bare = model(1, 1, { provider: "openai" });
    expect(await refusalOf(guard, bare)).toMatchObject({ state: "forced-open" });
  });

  it("sees a circuit probed when the time that it was forced open is over", async () => {
    const { guard, clock } = setUp({ breaker: true });
    await spend(guard);
    expect(await guard.breaker.forceOpen("openai/gpt-5-mini", TTL)).toEqual(["openai/gpt-5-mini"]);
    expect(guard.circuits()[0]).toMatchObject({ state: "forced-open" });
    clock.advance(60_000);
    const permit = await guard.begin(model(1, 1));
    expect(guard.circuits()[0]).toMatchObject({ state: "half-open" });
    await permit.release();
  });

  it.each(["openai/gpt-5-mini", "openai/*"])(
    "has a model probed that nothing had called before %s was forced open, and once",
    async (target) => {
      const { guard, clock } = setUp({ breaker: { probes: 1 } });
      await guard.breaker.forceOpen(target, TTL);
      clock.advance(60_000);
      const probe = await guard.begin(model(1, 1));
      expect(guard.circuits()[0]).toMatchObject({ state: "half-open" });
      expect(await refusalOf(guard)).toMatchObject({ state: "half-open" });
      probe.dispatched();
      await probe.settle({ usage: { inputTokens: 1, outputTokens: 1 } });
      expect(await refusalOf(guard)).toBeUndefined();
      expect(guard.circuits()[0]).toMatchObject({ state: "ramping" });
    },
  );

  it("has it probed also when others were forced since, or it was forced again after a reset", async () => {
    const { guard, clock } = setUp({ breaker: true });
    await guard.breaker.forceOpen("openai/*", TTL);
    await guard.breaker.forceOpen("*", { ...TTL, by: "ana", ttlMs: 90_000 });
    await guard.breaker.reset("x/y", WHY);
    await guard.breaker.forceOpen("x/y", TTL);
    clock.advance(60_000);
    await (await guard.begin(model(1, 1, { provider: "x", name: "y" }))).release();
    clock.advance(30_000);
    await guard.breaker.forceOpen("z/*", TTL);
    await (await guard.begin(model(1, 1))).release();
    expect(guard.circuits().map(({ state }) => state)).toEqual(["half-open", "half-open"]);
  });

  it("probes nothing for a force that was taken back, or that ended in a longer one to close", async () => {
    const { guard, clock } = setUp({ breaker: true });
    await guard.breaker.forceOpen("*", TTL);
    await guard.breaker.reset("openai/*", WHY);
    await guard.breaker.forceOpen("x/y", TTL);
    await guard.breaker.forceClose("x/*", { ...TTL, by: "ana", ttlMs: 90_000 });
    clock.advance(90_000);
    await spend(guard);
    await (await guard.begin(model(1, 1, { provider: "x", name: "y" }))).release();
    expect(guard.circuits()).toMatchObject([{ state: "closed" }]);
  });

  it("closes a circuit for a while, whatever fails", async () => {
    const { guard, clock } = await opened();
    await guard.breaker.forceClose("openai/gpt-5-mini", TTL);
    for (let count = 0; count < 50; count++) await failWith(guard, down());
    expect(guard.circuits()[0]).toMatchObject({ state: "forced-closed", failures: 50 });
    clock.advance(60_000);
    await failWith(guard, down());
    expect(guard.circuits()[0]).toMatchObject({ state: "open" });
  });

  it.each(["forceOpen", "forceClose"] as const)(
    "goes back to what was forced for longer and more, when a narrower %s is over",
    async (narrower) => {
      const { guard, clock } = setUp({ breaker: true });
      await spend(guard);
      await guard.breaker.forceOpen("openai/*", { ...TTL, ttlMs: 600_000 });
      await guard.breaker[narrower]("openai/gpt-5-mini", TTL);
      clock.advance(60_000);
      expect(await refusalOf(guard)).toMatchObject({ state: "forced-open", retryAfterMs: 540_000 });
      clock.advance(540_000);
      expect(await refusalOf(guard)).toBeUndefined();
    },
  );

  it("takes a force back", async () => {
    const { guard } = await opened();
    await guard.breaker.forceOpen("openai/*", TTL);
    await guard.breaker.reset("openai/*", WHY);
    expect(await refusalOf(guard)).toBeUndefined();
    expect(guard.circuits()[0]).toMatchObject({ state: "closed", calls: 0 });
  });

  it.each([
    ["openai/*", true],
    ["openai/*", false],
    ["openai/gpt-5-mini", true],
  ])(
    "takes back what one forced alone, and not what others did: %s, called before: %s",
    async (target, known) => {
      const { guard, clock } = setUp({ breaker: true });
      if (known) await spend(guard);
      const ana = { reason: "incident 7", by: "ana", ttlMs: 600_000 };
      await guard.breaker.forceOpen("openai/gpt-5-mini", ana);
      await guard.breaker.forceOpen(target, TTL);
      expect(await refusalOf(guard)).toMatchObject({ by: "me", retryAfterMs: 60_000 });
      await guard.breaker.reset(target, { ...WHY, isOwn: true });
      expect(await refusalOf(guard)).toMatchObject({ by: "ana", retryAfterMs: 600_000 });
      await guard.breaker.forceOpen(target, TTL);
      clock.advance(60_000);
      expect(await refusalOf(guard)).toMatchObject({ by: "ana", retryAfterMs: 540_000 });
      await guard.breaker.reset(target, WHY);
      expect(await refusalOf(guard)).toBeUndefined();
      const isOwn = "yes" as never;
      await expect(guard.breaker.reset(target, { ...WHY, isOwn })).rejects.toThrow("reset.isOwn");
    },
  );

  it("is told what others keep open when one takes back what he forced alone", async () => {
    const { guard } = setUp({ breaker: true });
    const told: string[] = [];
    guard.on("circuit-opened", ({ key, by }) => told.push(`opened ${key} ${by}`));
    guard.on("circuit-closed", ({ key, by }) => told.push(`closed ${key} ${by}`));
    const forced = [
      ["openai/*", "ana"],
      ["xai/*", "ana"],
      ["openai/gpt-5", "me"],
    ] as const;
    for (const [target, by] of forced) {
      await guard.breaker.forceOpen(target, { reason: "incident 7", by, ttlMs: 600_000 });
    }
    await guard.breaker.reset("openai/gpt-5", { ...WHY, by: "me", isOwn: true });
    expect(told.slice(forced.length)).toEqual(["closed openai/gpt-5 me", "opened openai/* ana"]);
  });

  it.each([true, false])(
    "takes a part of a wider force back (called before: %s)",
    async (known) => {
      const { guard, clock } = setUp({ breaker: true });
      if (known) await spend(guard);
      await guard.breaker.forceOpen("openai/*", TTL);
      await guard.breaker.reset("openai/gpt-5-*", WHY);
      expect(await refusalOf(guard)).toBeUndefined();
      const other = { ...model(1, 1), name: "gpt-4o" };
      await expect(guard.begin(other)).rejects.toMatchObject({ details: { state: "forced-open" } });
      clock.advance(1_000);
      await guard.breaker.forceOpen("openai/*", TTL);
      expect(await refusalOf(guard)).toMatchObject({ state: "forced-open" });
    },
  );

  it.each([true, false])(
    "takes back what a pattern beside it forced, too (called before: %s)",
    async (known) => {
      const { guard } = setUp({ breaker: true });
      if (known) await spend(guard);
      await guard.breaker.forceOpen("*/gpt-5-mini", TTL);
      await guard.breaker.reset("openai/*", WHY);
      expect(await refusalOf(guard)).toBeUndefined();
      const other = { ...model(1, 1), provider: "azure" };
      await expect(guard.begin(other)).rejects.toMatchObject({ details: { state: "forced-open" } });
    },
  );

  it("has to be allowed to, and leaves an audit record", async () => {
    const asked: ControlAction[] = [];
    const kept: unknown[] = [];
    const { guard } = await opened({
      authorize: (action) => {
        asked.push(action);
        return action.by === "ana";
      },
      audit: { append: (entry) => void kept.push(entry) },
    });
    await expect(guard.breaker.forceClose("*", TTL)).rejects.toMatchObject({ code: "BR3001" });
    expect(await refusalOf(guard)).toMatchObject({ state: "open" });
    expect(kept).toEqual([]);
    await guard.breaker.forceClose("*", { ...TTL, by: "ana" });
    expect(asked[1]).toEqual({
      action: "force-close",
      target: "*",
      reason: "test",
      by: "ana",
      ttlMs: 60_000,
    });
    expect(kept).toMatchObject([{ action: "force-close", by: "ana", target: "*" }]);
  });

  it("is asked, and leaves a record, whether a reset is of everybody's word or of one's own", async () => {
    const asked: ControlAction[] = [];
    const kept: unknown[] = [];
    const { guard } = setUp({
      breaker: true,
      authorize: (action) => asked.push(action) > 0,
      audit: { append: (entry) => void kept.push(entry) },
    });
    await guard.breaker.reset("*", { ...WHY, isOwn: true });
    await guard.breaker.reset("*", WHY);
    const resets = [true, false].map((isOwn) => ({ action: "reset-circuit", target: "*", isOwn }));
    expect(asked).toMatchObject(resets);
    expect(kept).toMatchObject(resets);
  });

  it.each<[string, (guard: Guard) => Promise<unknown>, string]>([
    ["no time to live", (g) => g.breaker.forceOpen("*", WHY as typeof TTL), "forceOpen.ttlMs"],
    ["no actor", (g) => g.breaker.forceOpen("*", { ...TTL, by: "" }), "forceOpen.by"],
    ["no reason", (g) => g.breaker.reset("*", { by: "me", reason: " " }), "reset.reason"],
    ["no target", (g) => g.breaker.forceClose("", TTL), "forceClose.target"],
    ["a misspelt option", (g) => g.breaker.reset("*", { ...WHY, x: 1 } as typeof WHY), '"x"'],
  ])("gets an error for %s", async (_, change, text) => {
    const { guard } = setUp({ breaker: true });
    await expect(change(guard)).rejects.toMatchObject({
      code: "BR9001",
      message: expect.stringContaining(text),
    });
  });

  it("is told how to get circuits where there are none", async () => {
    const { guard } = setUp();
    expect(guard.circuits()).toEqual([]);
    await expect(guard.breaker.forceOpen("*", TTL)).rejects.toThrow(
      "createGuard({ breaker: true })",
    );
  });
});
