import { expect, it } from "vitest";
import { codeOf, model, setUp, spend, tool, WHY } from "../guard/test-fixture.ts";

const FORGED = "x\nERROR forged\r\u001b[31m\u2028\u202e";
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** What somebody writes to a log about a rejection. */
async function logged(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => "",
    (error: unknown) => String(error),
  );
}

it("a message is one line, whatever the names of users, tools, models and rules say", async () => {
  const perUser = setUp({ budgets: ["1 call/day per user"] }).guard;
  await perUser.with({ user: FORGED }, () => spend(perUser));
  const denied = setUp({
    policy: { decide: () => ({ outcome: "deny", ruleId: FORGED, reason: FORGED }) },
  }).guard;
  const killed = setUp().guard;
  await killed.kill("everything", { reason: FORGED, by: "me" });
  const judged = setUp({
    evaluators: [
      {
        name: "e",
        on: "model",
        required: true,
        evaluate: () => ({ passed: false, label: FORGED }),
      },
    ],
  }).guard;
  const lines = await Promise.all([
    logged(perUser.with({ user: FORGED }, () => spend(perUser))),
    logged(setUp({ budgets: ["$1"] }).guard.begin(model(1, 1, { name: FORGED }))),
    logged(setUp({ budgets: ["$1"] }).guard.begin(model(1, 1, { name: `m ${"\u202e"}` }))),
    logged(denied.begin(tool("t"))),
    logged(killed.begin(tool("t"))),
    logged(judged.run(model(1, 1), () => ({ value: 1, output: "x" }))),
    logged(killed.revive(FORGED, WHY)),
  ]);
  for (const line of lines) {
    expect(line).toMatch(/^\w+Error: BR\d{4} /);
    expect(line).not.toMatch(UNPRINTABLE);
  }
});

it("a warning is one line too", async () => {
  const said: string[] = [];
  const { guard } = setUp({
    budgets: [{ id: "a\u2028b", limit: { calls: 1 }, window: "hour", per: "org" }],
  });
  guard.on("warning", ({ message }) => said.push(message));
  expect(await codeOf(spend(guard))).toBeUndefined();
  expect(said).toHaveLength(1);
  expect(said[0]).not.toMatch(UNPRINTABLE);
});
