import { expect, it } from "vitest";
import { setUp, spend, tool } from "../guard/test-fixture.ts";

it("a user named to look like another user's session has an account of its own", async () => {
  const { guard } = setUp({ budgets: ["1 call/session per user"] });
  const names = [
    { user: "u", session: "1,session=2" },
    { user: "u,session=1", session: "2" },
    { user: "u\\,session=1", session: "2" },
    { user: "u\\", session: "1,session=2" },
  ];
  for (const name of names) await guard.with(name, () => spend(guard, tool("search")));
  const accounts = await guard.budgets();
  expect(accounts.map(({ settled }) => settled)).toEqual([1, 1, 1, 1]);
});

it("a user named to look like another budget's account has an account of its own", async () => {
  const limit = { calls: 5 };
  const window = "day";
  const { guard } = setUp({
    budgets: [
      { id: "x", limit, window, per: "user" },
      { id: "x|user=u", limit, window, match: { tool: "another" } },
    ],
  });
  await guard.with({ user: "u|*" }, () => spend(guard, tool("search")));
  const accounts = await guard.budgets();
  expect(accounts.map(({ id, settled }) => [id, settled])).toEqual([
    ["x", 1],
    ["x|user=u", 0],
  ]);
});

it("an account is shown by the names of its user and session", async () => {
  const { guard } = setUp({ budgets: ["1 call/session per user"] });
  await guard.with({ user: "u-1", session: "s-1" }, () => spend(guard, tool("search")));
  expect((await guard.budgets()).map(({ key }) => key)).toEqual(["user=u-1,session=s-1"]);
});
