import { isGuardError } from "@burnrate/core";
import { expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generation1 } from "./testing/generations.ts";
import { money, thrownBy, watchedGuard } from "./testing/watched-guard.ts";
import { checkCosts } from "./tool-costs.ts";

const { guard } = watchedGuard();
const client = { callTool: async () => ({}), request: async () => ({}) };

test.each([
  ["search", 1],
  ["search_web", 5],
  ["search_images", 3],
  ["search_", 3],
  ["Search_News", 3],
  ["SEARCH", 1],
  ["web_search", 2],
  ["find", 0.5],
  ["*", 7],
])("the price of %s is its own, else that of the most specific pattern", (tool, usd) => {
  const costs = { "*": 7, "*_search": 2, search_web: 5, "search_*": 3, search: 1, find: 0.5 };
  expect(checkCosts(costs)(tool)).toBe(usd);
});

test("of two patterns as specific, the dearer one counts, whatever their order", () => {
  expect(checkCosts({ "*_delete": 1, "files_*": 2 })("files_delete")).toBe(1);
  expect(checkCosts({ "*_web": 1, "web_*": 2 })("web_x_web")).toBe(2);
  expect(checkCosts({ "web_*": 2, "*_web": 1 })("web_x_web")).toBe(2);
});

test("a tool that no pattern covers has no price, and one priced at 0 is free", () => {
  const costOf = checkCosts({ "search_*": 0.01, search_free: 0 });
  expect([costOf("read"), costOf("search_free")]).toEqual([undefined, 0]);
});

test("a call is charged by pattern, and refused when the money does not suffice", async () => {
  const { guard, refused } = watchedGuard({ budgets: ["$0.25/day"] });
  const connection = await generation1.connect();
  const guarded = guardClient(connection.client, guard, { costs: { "e*": 0.2 } });
  await connection.callTool(guarded, "echo");
  await thrownBy(() => connection.callTool(guarded, "echo"));
  expect(await money(guard)).toEqual({ held: 0, spent: 200_000_000 });
  expect(refused.map(({ code }) => code)).toEqual(["BR2001"]);
});

test.each([
  [[1], "prices in dollars by tool"],
  [0.01, "prices in dollars by tool", "got 0.01"],
  [null, "prices in dollars by tool", "got null"],
  [{ search: -1 }, 'guardClient.costs["search"]', "dollars from 0 to 9007199", "got -1"],
  [{ "search_*": Number.NaN }, '["search_*"]', "dollars from 0"],
  [{ search: Number.POSITIVE_INFINITY }, '["search"]', "dollars from 0"],
  [{ search: 1e7 }, '["search"]', "dollars from 0 to 9007199"],
  [{ search: "0.01" }, '["search"]', 'got "0.01"'],
  [{ "": 1 }, "a key of guardClient.costs", "a tool's name of 1 to 500 characters"],
  [{ "a\nb": 1 }, "a key of guardClient.costs", 'got "a\\nb"'],
])("%j as costs are refused when the client is wrapped", (costs, ...parts) => {
  const error = thrown(() => guardClient(client, guard, { costs: costs as never }));
  expect(error).toMatchObject({ code: "BR9001" });
  for (const part of parts) expect((error as Error).message).toContain(part);
});

test.each([
  () => -1,
  () => "1",
  () => {
    throw new Error("a secret");
  },
])("a price function that gives no price keeps the call from being sent", async (costs) => {
  const connection = await generation1.connect();
  const guarded = guardClient(connection.client, guard, {
    costs: costs as () => number,
    denyMode: "result",
  });
  const error = await thrownBy(() => connection.callTool(guarded, "echo"));
  expect(isGuardError(error) && error.code).toBe("BR9001");
  expect(String(error)).not.toContain("secret");
  expect((await connection.log()).runs).toEqual({});
});

test.each([
  [0.1 + 0.2, 300_000_000],
  [0.07, 70_000_000],
  [1e-10, 1],
])(
  "a price of %d dollars is %d nano-dollars: no noise, and never rounded to nothing",
  async (usd, nanoUsd) => {
    const { guard, records } = watchedGuard();
    const connection = await generation1.connect();
    const client = guardClient(connection.client, guard, { costs: () => usd });
    await connection.callTool(client, "echo");
    expect(records[0]?.costNanoUsd).toBe(nanoUsd);
  },
);

test("a tool named like a property of every object has no price by accident", async () => {
  const { guard } = watchedGuard();
  const guarded = guardClient(client, guard, { costs: { search: 1 } });
  for (const name of ["constructor", "__proto__", "toString"]) {
    await (guarded.callTool as (params: unknown) => Promise<unknown>)({ name });
  }
  expect((await money(guard)).spent).toBe(0);
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
