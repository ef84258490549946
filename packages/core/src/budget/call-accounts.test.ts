import { expect, it } from "vitest";
import { model, setUp, tool } from "../guard/test-fixture.ts";

it.each([
  ["user", "Set user with guard.with or guard.task."],
  ["model", 'Have it cover model calls alone: match: { kind: "model" }.'],
  ["provider", "Name the provider in the request of the call."],
])(
  "a call without the %s that a budget is split by is warned about, with a remedy",
  async (dimension, remedy) => {
    const { guard } = setUp({ budgets: [`9 calls/total per ${dimension}`] });
    const warnings: string[] = [];
    guard.on("warning", ({ message }) => warnings.push(message));
    for (let call = 0; call < 2; call++) await guard.run(tool("search"), () => ({ value: "done" }));
    const [warning, ...more] = warnings.filter((message) => message.includes("(none)"));
    expect(warning).toContain(remedy);
    expect(more).toEqual([]);
    expect(await guard.budgets()).toMatchObject([{ key: `${dimension}=(none)`, settled: 2 }]);
  },
);

it.each([
  ["1 calls/task", " Calls without task share this account. Set task with guard.with"],
  ["1 calls/session per user", " Calls without user share this account. Set user with"],
  ["1 calls/day per org", " Calls without org share this account. Set org with"],
])(
  "a refusal of the account that calls without a name share says so: %s",
  async (budget, remedy) => {
    const { guard } = setUp({ budgets: [budget] });
    const run = () => guard.run(tool("search"), () => ({ value: "done" }));
    await run();
    await expect(run()).rejects.toThrow(remedy);
    await guard.task({ name: "t", user: "u", org: "o", session: "s" }, async () => {
      await run();
      await expect(run()).rejects.not.toThrow("share this account");
    });
  },
);

it("of a budget of tokens for each tool, the warning and the refusal advise what is possible", async () => {
  const { guard } = setUp({ budgets: ["5 tokens/day per tool"] });
  const told: string[] = [];
  guard.on("warning", ({ message }) => told.push(message));
  const refused = guard.begin(model(9, 1));
  await expect(refused).rejects.toThrow(/Tools use no tokens: split it by something else/);
  expect(told.join()).toMatch(/Tools use no tokens/);
  expect(told.join()).not.toContain("match: {");
});
