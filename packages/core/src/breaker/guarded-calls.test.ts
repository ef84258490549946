import { describe, expect, it } from "vitest";
import { model, settled, setUp, spend, tool, WHY } from "../guard/test-fixture.ts";
import type { ControlAction, Guard, GuardOptions } from "../index.ts";
import { createBreaker, createGuard, findGuardError } from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";

const TTL = { ...WHY, ttlMs: 60_000 };

async function failWith(guard: Guard, error: unknown, request = model(1, 1)): Promise<void> {
  const permit = await guard.begin(request);
  permit.dispatched();
  await permit.fail(error);
}

const down = (): Error => Object.assign(new Error("no"), { statusCode: 503 });

async function refusalOf(guard: Guard, request = model(1, 1)): Promise<unknown> {
  try {
    await (await guard.begin(request)).release();
    return undefined;
  } catch (error) {
    return findGuardError(error)?.details;
  }
}

/** A guard whose circuit of `openai/gpt-5-mini` is open. */
async function opened(options: GuardOptions = {}): Promise<ReturnType<typeof setUp>> {
  const test = setUp({ breaker: true, ...options });
  for (let count = 0; count < 5; count++) await failWith(test.guard, down());
  return test;
}

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

  it("names the next model in the chain whose circuit lets calls pass", async () => {
    const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5", "openai/gpt-5": "anthropic/claude" };
    const { guard } = await opened({ breaker: { fallbacks } });
    expect(await refusalOf(guard)).toMatchObject({ fallback: "openai/gpt-5" });
    await guard.breaker.forceOpen("openai/*", TTL);
    expect(await refusalOf(guard)).toMatchObject({ fallback: "anthropic/claude" });
    await guard.breaker.forceOpen("*", TTL);
    expect(await refusalOf(guard)).toMatchObject({ fallback: undefined });
  });

  it("says so when a fallback is spelt in another way than the framework spells its provider", async () => {
    const { guard } = setUp({ breaker: { fallbacks: { "openai/own": "anthropic/claude" } } });
    const warnings: string[] = [];
    guard.on("warning", ({ message }) => warnings.push(message));
    const request = { kind: "model" as const, provider: "gateway", name: "own" };
    for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
    expect(await refusalOf(guard, request)).toMatchObject({ fallback: undefined });
    expect(warnings).toEqual([
      '"gateway/own" has no fallback, but "openai/own" has. If they are the same, write the key in breaker.fallbacks as guard.circuits() lists it.',
    ]);
  });

  it.each(["xai/own", "x-ai/own", "xai.chat/own"])(
    "finds a fallback written as %s",
    async (key) => {
      const prices = { ...providerPrices, canonicalProvider: () => "x-ai" };
      const { guard } = setUp({ prices, breaker: { fallbacks: { [key]: "anthropic/claude" } } });
      const request = { kind: "model" as const, provider: "xai.chat", name: "own" };
      for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
      expect(await refusalOf(guard, request)).toMatchObject({ fallback: "anthropic/claude" });
    },
  );

  it("finds a fallback by the canonical name, however the framework spells its provider", async () => {
    const { guard } = setUp({ breaker: { fallbacks: { "openai/gpt-5": "anthropic/claude" } } });
    const request = { kind: "model" as const, provider: "openai.responses", name: "gpt-5" };
    for (let count = 0; count < 5; count++) await failWith(guard, down(), request);
    expect(await refusalOf(guard, request)).toMatchObject({ fallback: "anthropic/claude" });
  });

  it("passes over a fallback that is down, however the framework spells its provider", async () => {
    const fallbacks = { "openai/gpt-5-mini": "openai/gpt-5", "openai/gpt-5": "anthropic/claude" };
    const { guard } = setUp({ breaker: { fallbacks } });
    const mini = model(1, 1, { provider: "openai.chat" });
    for (let count = 0; count < 5; count++) await failWith(guard, down(), mini);
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "openai/gpt-5" });
    const big = model(1, 1, { provider: "openai.chat", name: "gpt-5" });
    for (let count = 0; count < 5; count++) await failWith(guard, down(), big);
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "anthropic/claude" });
    await spend(guard, model(1, 1, { provider: "openai.responses", name: "gpt-5" }));
    expect(await refusalOf(guard, mini)).toMatchObject({ fallback: "openai/gpt-5" });
  });

  it("shares its circuits with another guard that has the same breaker", async () => {
    const breaker = createBreaker();
    const { guard } = await opened({ breaker });
    const other = createGuard({ breaker });
    expect(await refusalOf(other)).toMatchObject({ state: "open" });
    expect(other.circuits()).toEqual(guard.circuits());
  });
});

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
