import { isGuardError } from "@burnrate/core";
import { expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generation1 } from "./testing/generations.ts";
import { money, thrownBy, watchedGuard } from "./testing/watched-guard.ts";

const { guard } = watchedGuard();
const client = { callTool: async () => ({}), request: async () => ({}) };

test.each([
  [{ cost: {} }, '"cost"', '(did you mean "costs"?)'],
  [{ denymode: "throw" }, '"denymode"', '(did you mean "denyMode"?)'],
  [{ denyMode: "results" }, "denyMode", '(did you mean "result"?)'],
  [{ denyMode: 1 }, "denyMode", 'must be "throw" or "result"'],
  [{ server: "" }, "server", "must be a text of 1 to 500 characters, no control characters"],
  [{ server: 7 }, "server", "must be a text"],
  [{ costs: [1] }, "costs", "must be an object of prices"],
  [{ costs: 0.01 }, "costs", "must be an object of prices"],
  [{ costs: { search: -1 } }, '"search"', "must be dollars from 0"],
  [{ costs: { search: Number.NaN } }, '"search"', "must be dollars from 0"],
  [{ costs: { search: Number.POSITIVE_INFINITY } }, '"search"', "must be dollars from 0"],
  [{ costs: { search: 1e-10 } }, '"search"', "at most 9 decimals"],
  [{ costs: { search: 1e7 } }, '"search"', "must be dollars from 0 to 9007199"],
  [{ costs: { search: "0.01" } }, '"search"', "must be dollars from 0"],
])("%j is refused with a message that names what is wrong", (options, ...parts) => {
  const error = thrown(() => guardClient(client, guard, options as never));
  expect(error).toMatchObject({ code: "BR9001" });
  for (const part of parts) expect((error as Error).message).toContain(part);
});

test("no options, no client or no guard is a ConfigError, too", () => {
  const bad: [unknown, unknown, unknown][] = [
    [client, guard, null],
    [client, guard, "server"],
    [null, guard, {}],
    [{}, guard, {}],
    [client, {}, {}],
    [client, undefined, {}],
  ];
  for (const args of bad) {
    expect(thrown(() => guardClient(...(args as [never, never, never])))).toMatchObject({
      code: "BR9001",
    });
  }
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

test("a price with the noise of floating point is a whole number of nano-dollars", async () => {
  const { guard, records } = watchedGuard();
  const connection = await generation1.connect();
  const costs = (): number => 0.1 + 0.2;
  await connection.callTool(guardClient(connection.client, guard, { costs }), "echo");
  expect(records[0]?.costNanoUsd).toBe(300_000_000);
});

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
