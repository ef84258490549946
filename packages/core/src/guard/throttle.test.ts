import { describe, expect, it } from "vitest";
import type { GuardOptions } from "./options.ts";
import {
  account,
  codeOf,
  model,
  settled,
  setUp,
  slowStore,
  spend,
  tool,
  used,
  WHY,
} from "./test-fixture.ts";

const HOUR = 3_600_000;
/** One call of 100 output tokens of gpt-5-mini. */
const CALL = model(0, 100);
const CALL_USD = 0.0002;

/** $1 a day, throttled from 85 %, of which 85 % is spent at noon: 15 cents for twelve hours. */
async function throttled(more: GuardOptions = {}, maxDelayMs = 30_000) {
  const world = unspent(more, maxDelayMs);
  await spend(world.guard, model(0, 425_000)); // $0.85
  return world;
}

function unspent(more: GuardOptions, maxDelayMs = 30_000) {
  return setUp({
    budgets: [
      {
        id: "day",
        limit: { usd: 1 },
        window: "day",
        at: [{ fraction: 0.85, do: "throttle", maxDelayMs }],
      },
    ],
    ...more,
  });
}

describe("a budget that throttles", () => {
  it("spreads what is left over the time that is left", async () => {
    const { guard, clock } = await throttled();
    // 15 cents in 12 hours: 57.6 s for each call of $0.0002.
    const paceMs = (12 * HOUR) / (0.15 / CALL_USD);
    await spend(guard, CALL); // the first goes at once
    const refused = guard.begin(CALL);
    await expect(refused).rejects.toMatchObject({ code: "BR4001", retryable: false });
    const details = await refused.catch((error) => error.details);
    expect(details.retryAfterMs).toBeGreaterThan(paceMs - 100);
    expect(details.retryAfterMs).toBeLessThan(paceMs + 100);
    clock.advance(details.retryAfterMs - 20_000);
    const waiting = spend(guard, CALL); // 20 s are not too long
    await settled();
    clock.advance(20_000);
    expect((await waiting).outcome).toBe("success");
    await guard.close();
  });

  it("is not used up before its reset, however eager its callers are", async () => {
    const { guard, clock } = await throttled();
    let admitted = 0;
    for (let minute = 0; minute < 12 * 60; minute++) {
      if ((await codeOf(spend(guard, CALL))) === undefined) admitted++;
      clock.advance(60_000);
      if (minute === 700) expect((await account(guard)).remaining).toBeGreaterThan(0);
    }
    expect(admitted).toBeGreaterThan(600); // of 750 that fit
    await guard.close();
  });

  it("makes nobody wait beyond maxDelayMs, in line first come first served", async () => {
    const { guard, clock } = await throttled({}, 200_000);
    const went: string[] = [];
    const start = (name: string): Promise<void> =>
      guard.begin(CALL).then(
        async (permit) => {
          went.push(name);
          permit.dispatched();
          await permit.settle(used(0, 100));
        },
        (error) => void went.push(`${name} ${error.code}`),
      );
    const running = ["a", "b", "c", "d", "e", "f"].map(start);
    await settled();
    expect(went).toEqual(["a", "e BR4001", "f BR4001"]); // 57.6, 115.2 and 172.8 s for b, c and d
    for (let second = 0; second < 200; second++) {
      clock.advance(1_000);
      await settled();
    }
    await Promise.all(running);
    expect(went).toEqual(["a", "e BR4001", "f BR4001", "b", "c", "d"]);
    await guard.close();
  });

  it("gives the pace back that a call did not use", async () => {
    const { guard } = await throttled();
    const permit = await guard.begin(model(0, 10_000)); // $0.02: an hour and a half
    permit.dispatched();
    expect(await codeOf(guard.begin(CALL))).toBe("BR4001");
    await permit.settle(used(0, 0));
    expect(await codeOf(spend(guard, CALL))).toBeUndefined();
    await guard.close();
  });

  it("lets an aborted caller leave the line, and nothing stays held", async () => {
    const { guard, clock } = await throttled({}, 60_000);
    await spend(guard, CALL);
    const caller = new AbortController();
    const waiting = guard.begin(model(0, 100, { signal: caller.signal }));
    const behind = guard.begin(CALL);
    behind.catch(() => {});
    await settled();
    caller.abort(new Error("changed my mind"));
    await expect(waiting).rejects.toThrow("changed my mind");
    clock.advance(58_000);
    await settled();
    expect((await account(guard)).held).toBe(0);
    expect(await codeOf(behind)).toBe("BR4001"); // it was behind when it asked: two paces
    expect(await codeOf(spend(guard, CALL))).toBeUndefined();
    await guard.close();
  });

  it("stops throttling when its window resets, or its limit is raised", async () => {
    const { guard, clock } = await throttled();
    await spend(guard, CALL);
    expect(await codeOf(guard.begin(CALL))).toBe("BR4001");
    expect((await account(guard)).state).toBe("throttled");
    await guard.setBudget("day", { limit: { usd: 2 } }, WHY);
    expect(await codeOf(spend(guard, CALL))).toBeUndefined();
    await guard.setBudget("day", { limit: { usd: 1 } }, WHY);
    clock.advance(12 * HOUR);
    for (let call = 0; call < 5; call++) expect(await codeOf(spend(guard, CALL))).toBeUndefined();
    expect((await account(guard)).state).toBe("ok");
    await guard.close();
  });

  it("throttles tools, too", async () => {
    const { guard, clock } = setUp({
      budgets: [
        {
          ...{ id: "searches", limit: { calls: 100 }, window: "hour", match: { tool: "search" } },
          at: [{ fraction: 0.5, do: "throttle" }],
        },
      ],
    });
    const search = async (): Promise<void> =>
      void (await guard.run(tool("search"), () => ({ value: 1 })));
    for (let call = 0; call < 51; call++) await search(); // the first past the half goes at once
    expect(await codeOf(search())).toBe("BR4001"); // 50 in an hour: 72 s for each
    clock.advance(50_000);
    const waiting = search();
    await settled();
    clock.advance(23_000);
    await waiting;
    await guard.close();
  });

  it.each([
    ["in memory", undefined],
    ["on a store that answers later", slowStore().store],
  ])("throttles a model that another budget puts in place (%s)", async (_, store) => {
    const at = (action: "throttle" | { downgrade: string }) => [{ fraction: 0.1, do: action }];
    const { guard } = setUp({
      budgets: [
        {
          ...{ id: "dear", limit: { calls: 10 }, window: "day", match: { model: "gpt-5" } },
          at: at({ downgrade: "small" }),
        },
        {
          ...{ id: "small", limit: { calls: 10 }, window: "day", match: { model: "gpt-5-mini" } },
          at: at("throttle"),
        },
      ],
      ...(store !== undefined && { store }),
    });
    const models = { small: { provider: "openai", name: "gpt-5-mini" } };
    const request = model(1, 1, { name: "gpt-5", models });
    const codes: (string | undefined)[] = [];
    for (let call = 0; call < 4; call++) codes.push(await codeOf(spend(guard, request)));
    // Itself, the other one up to its threshold, the first of its pace, and none too early.
    expect(codes).toEqual([undefined, undefined, undefined, "BR4001"]);
    await guard.close();
  });

  it("says that too many wait, where that is why a call is refused", async () => {
    const at = [{ fraction: 1e-7, do: "throttle" as const }];
    const { guard, clock } = setUp({
      budgets: [{ id: "many", limit: { calls: 10_000_000 }, window: "day", at }],
    });
    await spend(guard);
    const calls = Array.from({ length: 1_002 }, () => spend(guard).catch((error) => error));
    expect(await calls.at(-1)).toMatchObject({
      code: "BR4001",
      message: expect.stringMatching(/no more of this guard may wait.*guard\.setBudget\("many"/),
      details: { retryAfterMs: expect.any(Number) },
    });
    clock.advance(HOUR);
    await Promise.all(calls);
    await guard.close();
  });

  it("refuses at once where its window does not reset", async () => {
    const { guard } = setUp({
      budgets: [
        {
          id: "all",
          limit: { calls: 4 },
          window: "total",
          at: [{ fraction: 0.5, do: "throttle" }],
        },
      ],
    });
    await spend(guard);
    await spend(guard);
    await expect(guard.begin(CALL)).rejects.toMatchObject({
      code: "BR4001",
      message: expect.stringMatching(/does not reset.*Waiting does not help.*guard\.setBudget/),
      details: { retryAfterMs: null },
    });
    await guard.close();
  });

  it("is known to a guard that starts when it is throttled already, on a store that answers later", async () => {
    const { store } = slowStore();
    const first = await throttled({ store });
    await spend(first.guard, CALL);
    const second = unspent({ store });
    await spend(second.guard, CALL);
    expect(await codeOf(second.guard.begin(CALL))).toBe("BR4001");
    await first.guard.close();
  });

  it("ends the waits when the guard closes", async () => {
    const { guard } = await throttled({}, 100_000);
    await spend(guard, CALL);
    const waiting = codeOf(guard.begin(CALL));
    await settled();
    await guard.close();
    expect(await waiting).toBe("BR8001");
  });

  it.each([
    ["BR4002", "the turn is another's", 30_000],
    ["BR4001", "its budget keeps it by then", 56_600],
  ])(
    "leaves its calls as long for a turn as any other under a kill: %s where %s",
    async (code, _, retryAfterMs) => {
      const { guard, clock } = await throttled({}, 1_000);
      await guard.kill("everything", { ...WHY, level: "throttle" });
      const running = await guard.begin(tool("slow"));
      running.dispatched();
      const [early, late] = [guard.begin(CALL), guard.begin(CALL)];
      await settled();
      clock.advance(29_000);
      await running.settle();
      const permit = await early;
      permit.dispatched();
      if (code === "BR4001") await permit.settle(used(0, 100));
      clock.advance(1_000);
      const error = await late.catch((refusal) => refusal);
      expect(error.code).toBe(code);
      expect(Math.abs(error.details.retryAfterMs - retryAfterMs)).toBeLessThan(100);
      await permit.release();
      await guard.close();
    },
  );
});
