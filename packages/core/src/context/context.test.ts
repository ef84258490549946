import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { account, codeOf, model, setUp, spend, WHY } from "../guard/test-fixture.ts";
import { type CallContext, type CallRecord, ConfigError } from "../index.ts";

const broken = (): never => {
  throw new Error("hostile");
};

const UNREADABLE = Object.defineProperty({}, "agent", { get: broken, enumerable: true });

function expectNothingOrConfigError(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
  }
}

describe("guard.with({ task }), for work on a task that another process opened", () => {
  const joined = { task: "t-9" };

  it("is covered by kills of that task, nested tasks too, and nothing else is", async () => {
    const { guard } = setUp();
    await guard.kill({ task: "t-9" }, WHY);
    const call = () => codeOf(guard.begin(model(1, 1)));
    expect(await guard.with(joined, call)).toBe("BR1001");
    expect(await codeOf(guard.with(joined, () => guard.task({}, call)))).toBe("BR1001");
    expect(await guard.with({ task: "t-10" }, call)).toBeUndefined();
    expect(await call()).toBeUndefined();
  });

  it("spends from that task's account, and from those of tasks inside it", async () => {
    const { guard } = setUp({ budgets: ["2 calls/task"] });
    await guard.with(joined, () => spend(guard));
    await guard.with(joined, () => guard.task({}, () => spend(guard)));
    expect(await account(guard)).toMatchObject({ key: "task=t-9", settled: 2 });
    expect(await guard.with(joined, () => codeOf(spend(guard)))).toBe("BR2001");
    expect(await guard.with({ task: "t-10" }, () => codeOf(spend(guard)))).toBeUndefined();
  });

  it("counts once when it names a task that is open here already", async () => {
    const { guard } = setUp({ budgets: ["9 calls/task"] });
    await guard.task({}, (task) => guard.with({ task: task.id }, () => spend(guard)));
    expect((await guard.budgets()).map(({ settled }) => settled)).toEqual([1]);
  });

  it("lets tasks that it opened finish under drain, and makes no other call", async () => {
    const { guard } = setUp();
    const call = () => codeOf(guard.begin(model(1, 1)));
    await guard.with(joined, () =>
      guard.task({}, async () => {
        await guard.kill("everything", { ...WHY, level: "drain" });
        expect(await call()).toBeUndefined();
      }),
    );
    expect(await guard.with(joined, call)).toBe("BR1001");
  });
});

describe("a context", () => {
  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /context must be an object such as .* got undefined/],
    ["a number where a text belongs", { agent: 5 }, /context\.agent must be a text.*got 5/],
    ["an empty text", { user: "" }, /context\.user/],
    ["a long text", { user: "x".repeat(257) }, /context\.user must be a text of 1 to 256/],
    ["a misspelt key", { agnet: "x" }, /Did you mean "agent"/],
    ["labels that are a text", { labels: "x" }, /context\.labels must be an object; got "x"/],
    ["labels that are null", { labels: null }, /context\.labels must be an object; got null/],
    ["labels that are a list", { labels: ["x"] }, /context\.labels must be an object/],
    ["a label that is a number", { labels: { "a\nb": 1 } }, /context\.labels\["a\\nb"\].*got 1/],
    [
      "33 labels",
      { labels: Object.fromEntries([..."x".repeat(33)].map((x, i) => [i, x])) },
      /context\.labels/,
    ],
    ["a Proxy that throws", new Proxy({}, { ownKeys: broken }), /context must be/],
    ["a getter that throws", UNREADABLE, /context must be/],
  ])("is refused with a ConfigError that names what is wrong: %s", (_, context, message) => {
    const { guard } = setUp();
    expect(() => guard.with(context as CallContext, () => 1)).toThrow(message);
    expect(() => guard.with(context as CallContext, () => 1)).toThrow(/^BR9001/);
  });

  it("names sub-agents as deep as they may be, by names of thirty characters", async () => {
    const { guard } = setUp();
    const nest = async (deeper: number): Promise<CallRecord> =>
      guard.with({ agent: `agent-${deeper}`.padEnd(30, "x") }, () =>
        deeper === 0 ? spend(guard) : nest(deeper - 1),
      );
    const { context } = await nest(15);
    expect(context.agent?.split("/")).toHaveLength(16);
    await guard.with({ agent: context.agent ?? "" }, () => spend(guard));
    await guard.kill({ agent: context.agent ?? "" }, WHY);
    const again = guard.with({ agent: context.agent ?? "" }, () => codeOf(spend(guard)));
    expect(await again).toBe("BR1001");
  });

  it("and a task's info throw nothing but ConfigError, whatever they are", () => {
    const { guard } = setUp();
    const keys = fc.constantFrom("org", "agent", "labels", "task", "name", "input");
    const value = fc.oneof(
      fc.anything(),
      fc.dictionary(keys, fc.anything({ withNullPrototype: true })),
    );
    fc.assert(
      fc.property(value, (given) => {
        expectNothingOrConfigError(() => guard.with(given as CallContext, () => 1));
        expectNothingOrConfigError(() => guard.openTask(given as CallContext));
      }),
      { numRuns: 1_000 },
    );
  });

  it("without a function is refused", () => {
    const { guard } = setUp();
    for (const fn of [undefined, 5, {}]) {
      expect(() => guard.with({}, fn as never)).toThrow(/^BR9001 fn must be a function/);
    }
  });
});
