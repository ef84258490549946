import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallContext, KillScope, KillTarget, PriceBook, RateCard } from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { codeOf, model, setUp, spend, tool, WHY } from "./test-fixture.ts";

const CONTEXT: CallContext = {
  org: "acme",
  team: "red",
  user: "u-1",
  session: "s-1",
  agent: "planner/researcher",
};

/** `gpt-5-mini-2025-08-07` is `gpt-5-mini`, and `openai.chat` is `openai`. */
const snapshots: PriceBook = {
  ...providerPrices,
  resolve: (provider, name, atMs) =>
    providerPrices.resolve(provider, name.replace(/-2025-08-07$/, ""), atMs) as RateCard,
};

function world() {
  const { guard } = setUp({ budgets: ["$1", "9 calls/task"], prices: snapshots });
  const request = model(1, 1, { name: "gpt-5-mini-2025-08-07", provider: "openai.chat" });
  return {
    guard,
    call: (context = CONTEXT) => codeOf(guard.with(context, () => spend(guard, request))),
    run: (name: string) => codeOf(guard.with(CONTEXT, () => spend(guard, tool(name)))),
  };
}

describe("a kill", () => {
  it.each<[string, KillTarget]>([
    ["everything", "everything"],
    ["an org", { org: "acme" }],
    ["a team", { team: "red" }],
    ["a user", { user: "u-1" }],
    ["an agent", { agent: "planner/researcher" }],
    ["an agent above it", { agent: "planner" }],
    ["a session", { session: "s-1" }],
    ["a model as the framework calls it", { model: "gpt-5-mini-2025-08-07" }],
    ["a model by its canonical id", { model: "gpt-5-mini" }],
    ["models by a pattern", { model: "GPT-5*" }],
    ["a provider as the framework calls it", { provider: "openai.chat" }],
    ["a provider by its canonical name", { provider: "openai" }],
    ["a budget", { budget: "$1" }],
    ["all of several fields", { org: "acme", agent: "planner", model: "gpt-5*", budget: "$1" }],
  ])("of %s covers the call, sticks, and ends with a revive", async (_, target) => {
    const { guard, call } = world();
    const { id } = await guard.kill(target, WHY);
    expect(await call()).toBe("BR1001");
    expect(await call()).toBe("BR1001");
    await guard.revive(id, WHY);
    expect(await call()).toBeUndefined();
  });

  it.each<[string, KillTarget]>([
    ["another org", { org: "other" }],
    ["an agent whose name begins alike", { agent: "plan" }],
    ["an agent below it", { agent: "planner/researcher/reader" }],
    ["another model", { model: "gpt-5" }],
    ["a tool", { tool: "gpt-5-mini" }],
    ["only some of several fields", { org: "acme", agent: "writer" }],
    ["a budget that does not cover the call", { budget: "9 calls/task", user: "u-2" }],
    ["a task that it is not in", { task: "t-1" }],
  ])("of %s leaves the call alone", async (_, target) => {
    const { guard, call } = world();
    await guard.kill(target, WHY);
    expect(await call()).toBeUndefined();
  });

  it("of a task covers what runs in it, nested tasks too, and nothing else", async () => {
    const { guard, call } = world();
    await guard.task({}, async (task) => {
      await guard.kill({ task: task.id }, WHY);
      expect(await call({})).toBe("BR1001");
      expect(await codeOf(guard.task({}, () => call({})))).toBe("BR1001");
    });
    expect(await call({})).toBeUndefined();
  });

  it("of a tool covers it by name or pattern, and no other", async () => {
    for (const target of ["delete_file", "delete_*"]) {
      const { guard, call, run } = world();
      await guard.kill({ tool: target }, WHY);
      expect(await run("delete_file")).toBe("BR1001");
      expect(await run("read_file")).toBeUndefined();
      expect(await call()).toBeUndefined();
    }
  });

  it("covers a call exactly when each of its fields does", async () => {
    const fields = fc.record(
      {
        org: fc.constantFrom("acme", "other"),
        team: fc.constantFrom("red", "blue"),
        user: fc.constantFrom("u-1", "u-2"),
        session: fc.constantFrom("s-1", "s-2"),
        agent: fc.constantFrom("planner", "planner/researcher", "plan", "writer"),
        model: fc.constantFrom("gpt-5-mini", "gpt-5", "gpt*"),
        provider: fc.constantFrom("openai", "anthropic"),
      },
      { requiredKeys: [] },
    );
    const matching: readonly (readonly [string, string])[] = [
      ...(["acme", "red", "u-1", "s-1"] as const).map((value, index) => {
        return [["org", "team", "user", "session"][index] as string, value] as const;
      }),
      ["agent", "planner"],
      ["agent", "planner/researcher"],
      ["model", "gpt-5-mini"],
      ["model", "gpt*"],
      ["provider", "openai"],
    ];
    const covers = (scope: KillScope): boolean =>
      Object.entries(scope).every(([key, value]) =>
        matching.some(([field, match]) => field === key && match === value),
      );
    await fc.assert(
      fc.asyncProperty(fields, async (scope) => {
        fc.pre(Object.keys(scope).length > 0);
        const { guard, call } = world();
        await guard.kill(scope, WHY);
        expect((await call()) === "BR1001").toBe(covers(scope));
      }),
    );
  });
});

it("a kill, a budget and a limit can name whoever a context can", async () => {
  const context = { org: " ", user: "a\nb", session: "s".repeat(256), agent: "a".repeat(512) };
  const match = { org: context.org, user: context.user, agent: context.agent };
  const { guard } = setUp({
    budgets: [{ id: "b", limit: { calls: 9 }, window: "total", match }],
    limits: [{ concurrency: 1, match }],
  });
  const call = () =>
    guard.with(context, () => guard.run(tool("search"), () => ({ value: "done" })));
  await call();
  expect((await guard.budgets())[0]).toMatchObject({ settled: 1 });
  for (const [field, name] of Object.entries(context)) {
    const { id } = await guard.kill({ [field]: name }, WHY);
    expect(await codeOf(call())).toBe("BR1001");
    await guard.revive(id, WHY);
  }
});

describe("a kill that would stop nothing", () => {
  it.each<[string, unknown, RegExp]>([
    ["an empty scope", {}, /empty scope/],
    ["a model and a tool, which no call is", { model: "a", tool: "b" }, /would never apply/],
    ["only absent fields", { agent: undefined }, /empty scope/],
    [
      "a field that nobody filled in",
      { org: "a", user: undefined },
      /kill\.target\.user.*left out/,
    ],
    ["a misspelt field", { agnet: "x" }, /Did you mean "agent"/],
    ["a misspelt everything", "evrything", /Did you mean "everything"\?/],
    ["nothing", undefined, /everything/],
    ["an empty name", { agent: "" }, /kill\.target\.agent/],
    ["a pattern where names are exact", { agent: "plan*" }, /exact name/],
    ["a pattern of another dialect", { model: "gpt-?" }, /only wildcard/],
    ["a budget that does not exist", { budget: "$2" }, /one of "\$1"/],
    ["a number", { user: 5 }, /kill\.target\.user/],
    ["an agent with a / at its end", { agent: "support/" }, /sub-agents are covered too/],
  ])("is refused: %s", async (_, target, message) => {
    const { guard } = world();
    const killing = guard.kill(target as KillTarget, WHY);
    await expect(killing).rejects.toThrow(message);
    await expect(killing).rejects.toMatchObject({ code: "BR9001" });
    expect(guard.kills()).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no options", undefined, /kill\.options/],
    ["no reason", { by: "me" }, /kill\.reason/],
    ["a blank actor", { reason: "x", by: " " }, /kill\.by/],
    ["an unknown level", { ...WHY, level: "abrot" }, /Did you mean "abort"/],
    ["a time to live of 0", { ...WHY, ttlMs: 0 }, /ttlMs/],
    ["a time to live that is no number", { ...WHY, ttlMs: Number.NaN }, /ttlMs/],
    ["a misspelt option", { ...WHY, ttlMS: 5 }, /Did you mean "ttlMs"/],
  ])("is refused: %s", async (_, options, message) => {
    const { guard } = world();
    await expect(guard.kill("everything", options as never)).rejects.toThrow(message);
    expect(guard.kills()).toEqual([]);
  });

  it("throws nothing but ConfigError, whatever it is given", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (target, options) => {
        const { guard } = world();
        await codeOf(guard.kill(target as never, options as never));
        await codeOf(guard.revive(target as never, options as never));
        await codeOf(guard.setBudget(target as never, options as never, target as never));
      }),
      { numRuns: 300 },
    );
  });
});
