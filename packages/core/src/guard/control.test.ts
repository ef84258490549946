import { describe, expect, it } from "vitest";
import type { ControlAction, GuardOptions } from "../index.ts";
import { codeOf, settled, setUp, WHY } from "./test-fixture.ts";

const BUDGETS = [{ id: "b", limit: { calls: 1 }, window: "total" as const }];

describe("authorize", () => {
  it.each<[string, GuardOptions["authorize"]]>([
    ["says no", () => false],
    ["says no later", () => Promise.resolve(false)],
    ["says nothing", () => undefined as never],
    ["says something that is not true", () => "yes" as never],
    ["fails later", () => Promise.reject(new Error("down"))],
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
  ])("that %s lets nothing change", async (_, authorize) => {
    const { guard } = setUp({
      budgets: BUDGETS,
      authorize: (action) => action.by === "boss" || (authorize?.(action) ?? false),
    });
    const boss = { reason: "test", by: "boss" };
    const { id } = await guard.kill({ agent: "a" }, boss);
    const events: string[] = [];
    guard.on("kill-issued", () => events.push("kill-issued"));
    guard.on("kill-revived", () => events.push("kill-revived"));
    guard.on("budget-changed", () => events.push("budget-changed"));
    expect(await codeOf(guard.kill("everything", WHY))).toBe("BR3001");
    expect(await codeOf(guard.revive(id, WHY))).toBe("BR3001");
    expect(await codeOf(guard.setBudget("b", { limit: { calls: 2 } }, WHY))).toBe("BR3001");
    expect(events).toEqual([]);
    expect(guard.kills().map((kill) => kill.id)).toEqual([id]);
    expect((await guard.budgets())[0]?.limit).toBe(1);
  });

  it.each<[string, NonNullable<GuardOptions["authorize"]>, RegExp]>([
    ["no", () => false, /may not kill: the authorize option refused it\.$/],
    [
      "nothing",
      () => undefined as never,
      /option answered neither true nor false.*\.burnrate\/kill/,
    ],
    ["by an error", () => Promise.reject(new Error("hunter2")), /option failed, and nothing was/],
  ])("that answers %s is told by what it did", async (_, authorize, message) => {
    const { guard } = setUp({ authorize });
    const error = await guard.kill({ agent: "a" }, WHY).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "BR3001", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("hunter2");
  });

  it("that hangs lets nothing change, and says so after ten seconds", async () => {
    const open: (() => void)[] = [];
    const { guard, clock } = setUp({
      budgets: BUDGETS,
      authorize: ({ by }) => {
        return by === "boss" || new Promise((resolve) => open.push(() => resolve(true)));
      },
    });
    const { id } = await guard.kill({ agent: "a" }, { reason: "test", by: "boss" });
    const asked = [
      guard.kill("everything", WHY),
      guard.revive(id, WHY),
      guard.setBudget("b", { limit: { calls: 2 } }, WHY),
      guard.downgrade("everything", { key: "cheap", ...WHY }),
    ];
    const refused = Promise.all(asked.map((one) => one.catch((error: Error) => error)));
    await settled();
    clock.advance(9_999);
    await settled();
    expect(guard.kills()).toHaveLength(1);
    clock.advance(1);
    for (const error of await refused) {
      expect(error).toMatchObject({ code: "BR3001" });
      expect(String(error)).toMatch(/did not answer within 10 s, and nothing was changed/);
    }
    expect(String((await refused)[0])).toMatch(/\.burnrate\/kill.*BURNRATE_KILL=1/);
    expect(String((await refused)[1])).not.toMatch(/BURNRATE_KILL/);
    for (const answer of open) answer();
    await settled();
    expect(guard.kills().map((kill) => kill.id)).toEqual([id]);
    expect((await guard.budgets())[0]?.limit).toBe(1);
  });

  it("is told what would change, by whom and why, before it changes", async () => {
    const asked: ControlAction[] = [];
    const { guard } = setUp({
      budgets: BUDGETS,
      authorize: async (action) => {
        asked.push(action);
        return true;
      },
    });
    const { id } = await guard.kill({ agent: "a" }, { ...WHY, level: "stop", ttlMs: 5_000 });
    await guard.revive(id, WHY);
    await guard.setBudget("b", { limit: { calls: 2 } }, WHY);
    const kill = { target: { agent: "a" }, killId: id, level: "stop", ttlMs: 5_000 };
    expect(asked).toEqual([
      { action: "kill", ...kill, ...WHY },
      {
        action: "revive",
        target: id,
        killId: id,
        killTarget: { agent: "a" },
        level: "stop",
        ...WHY,
      },
      { action: "set-budget", target: "b", unit: "calls", from: 1, to: 2, ...WHY },
    ]);
  });
});

describe("audit", () => {
  it("that hangs holds nobody up for longer than ten seconds, and is counted", async () => {
    const { guard, clock } = setUp({ audit: { append: () => new Promise(() => {}) } });
    const killing = guard.kill("everything", WHY);
    await settled();
    expect(guard.kills()).toHaveLength(1);
    clock.advance(10_000);
    expect(await killing).toMatchObject({ missing: [] });
    expect(guard.metrics().dropped.auditErrors).toBe(1);
  });

  it("gets every change with its time, and its failure is counted, not heard", async () => {
    const entries: unknown[] = [];
    const { guard, clock } = setUp({
      budgets: BUDGETS,
      audit: {
        append(entry) {
          entries.push(entry);
          throw new Error("disk full");
        },
      },
    });
    const { id } = await guard.kill("everything", WHY);
    await guard.revive(id, WHY);
    await guard.setBudget("b", { limit: { calls: 2 } }, WHY);
    const atMs = clock.wallMs();
    expect(entries).toMatchObject([
      { action: "kill", target: "everything", killId: id, level: "abort", atMs, ...WHY },
      { action: "revive", target: id, killTarget: "everything", level: "abort", atMs, ...WHY },
      { action: "set-budget", target: "b", unit: "calls", from: 1, to: 2, atMs, ...WHY },
    ]);
    expect(guard.metrics().dropped.auditErrors).toBe(3);
  });
});

it("what authorize writes into the action that it is asked for, no audit entry has", async () => {
  const entries: unknown[] = [];
  const { guard } = setUp({
    authorize: (action) =>
      Object.assign(action, { by: "someone else", target: "everything" }) && true,
    audit: { append: (entry) => void entries.push(entry) },
  });
  await guard.kill({ agent: "a" }, WHY);
  expect(entries).toMatchObject([{ action: "kill", target: { agent: "a" }, by: WHY.by }]);
});

describe("the ids option", () => {
  it.each<[string, () => string]>([
    ["repeats itself", () => "same"],
    [
      "throws",
      () => {
        throw new Error("secret host is down");
      },
    ],
    ["answers later", () => Promise.reject(new Error("down")) as never],
    ["answers nothing", () => undefined as never],
  ])("that %s keeps no kill from its work, nor from its revive", async (_, next) => {
    const { guard } = setUp({ ids: { next } });
    await guard.kill({ agent: "a" }, WHY);
    const { id } = await guard.kill({ agent: "b" }, WHY);
    expect(guard.kills().map(({ target }) => target)).toEqual([{ agent: "a" }, { agent: "b" }]);
    await guard.revive(id, WHY);
    expect(guard.kills().map(({ target }) => target)).toEqual([{ agent: "a" }]);
  });

  it("that throws or gives no text is named by the error of a task, without foreign words", () => {
    const down = (): never => {
      throw new Error("secret host is down");
    };
    for (const next of [down, () => 5 as never, () => ""]) {
      const { guard } = setUp({ ids: { next } });
      expect(() => guard.openTask({})).toThrow(/^BR9001 ids\.next must be a function that returns/);
      expect(() => guard.openTask({})).not.toThrow(/secret/);
    }
  });
});

describe("what a change is given", () => {
  const broken = (): never => {
    throw new Error("hostile");
  };
  const HOSTILE: readonly unknown[] = [
    new Proxy({}, { get: broken, ownKeys: broken, getPrototypeOf: broken }),
    Object.defineProperty({}, "reason", { get: broken, enumerable: true }),
    Object.create(null),
    { ...WHY, force: true },
    5,
    null,
    Symbol("x"),
    { reason: 5, by: "me" },
    { reason: "x", by: 5 },
  ];

  it("is refused with a ConfigError when it is nonsense, and nothing changes", async () => {
    const { guard } = setUp({ budgets: BUDGETS });
    const { id } = await guard.kill({ agent: "a" }, WHY);
    for (const bad of HOSTILE as never[]) {
      expect(await codeOf(guard.kill("everything", bad))).toBe("BR9001");
      expect(await codeOf(guard.revive(id, bad))).toBe("BR9001");
      expect(await codeOf(guard.revive(bad, WHY))).toBe("BR9001");
      expect(await codeOf(guard.setBudget(bad, { limit: { calls: 2 } }, WHY))).toBe("BR9001");
      expect(await codeOf(guard.setBudget("b", bad, WHY))).toBe("BR9001");
      expect(await codeOf(guard.setBudget("b", { limit: { calls: 2 } }, bad))).toBe("BR9001");
      expect(() => guard.on(bad, () => {})).toThrow(/^BR9001 on\.event/);
      expect(() => guard.on("warning", bad)).toThrow(/^BR9001 on\.listener/);
    }
    expect(guard.kills()).toHaveLength(1);
    expect((await guard.budgets())[0]?.limit).toBe(1);
  });

  it("may have any reason in an emergency: it becomes one line of bounded length", async () => {
    const { guard } = setUp();
    await guard.kill("everything", { reason: "loops\n\u001b[31m see\u2028ticket  ", by: "me" });
    await guard.kill("everything", { reason: "x".repeat(1e6), by: "me" });
    const [first, second] = guard.kills().map(({ reason }) => reason);
    expect(first).toBe("loops [31m see ticket");
    expect(second).toHaveLength(500);
    expect(await codeOf(guard.kill("everything", { reason: " \n ", by: "me" }))).toBe("BR9001");
  });
});

describe("setBudget", () => {
  it.each<[string, readonly unknown[], RegExp]>([
    ["an unknown budget", ["c", { limit: { calls: 2 } }, WHY], /setBudget\.id.*one of "b"/],
    ["a misspelt key", ["b", { limt: { calls: 2 } }, WHY], /Did you mean "limit"/],
    ["no change", ["b", undefined, WHY], /setBudget\.change/],
    ["another unit", ["b", { limit: { usd: 2 } }, WHY], /calls/],
    ["two units", ["b", { limit: { usd: 2, calls: 2 } }, WHY], /exactly one/],
    ["an impossible limit", ["b", { limit: { calls: 0 } }, WHY], /setBudget\.limit\.calls/],
    ["no reason", ["b", { limit: { calls: 2 } }, { by: "me" }], /setBudget\.reason/],
    ["nobody", ["b", { limit: { calls: 2 } }], /setBudget\.reason/],
  ])("refuses %s", async (_, args, message) => {
    const { guard } = setUp({ budgets: BUDGETS });
    const change = guard.setBudget(...(args as Parameters<typeof guard.setBudget>));
    await expect(change).rejects.toThrow(message);
    expect((await guard.budgets())[0]?.limit).toBe(1);
  });

  it("of a guard without budgets says that there are none", async () => {
    const change = setUp().guard.setBudget("b", { limit: { calls: 2 } }, WHY);
    await expect(change).rejects.toThrow(/^BR9001 setBudget\.id .*this guard has no budgets/);
  });

  it("is an event with both limits", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    const events: unknown[] = [];
    guard.on("budget-changed", (event) => events.push(event));
    await guard.setBudget("$1/day", { limit: { usd: 2.5 } }, WHY);
    expect(events).toEqual([
      { budget: "$1/day", unit: "usd", from: 1e9, to: 2_500_000_000, ...WHY },
    ]);
  });
});
