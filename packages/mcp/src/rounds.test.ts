import { findGuardError } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { guardTransport } from "./guard-transport.ts";
import { type ModernWorld, modernWorld } from "./testing/modern.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const COSTS = { costs: { "*": 1 } };
const DOLLAR = 1_000_000_000;

describe.each(["client", "transport", "both"] as const)(
  "a call that the server wants more input for, guarded by %s",
  (hook) => {
    test.each(["production", "later"])("is one call, whatever the rounds (%s)", async (to) => {
      const { world, client, records, guard } = await modern(hook);
      const { content } = await client.callTool({ name: "deploy", arguments: { to } });
      expect(content).toMatchObject([{ text: `deployed to ${to}` }]);
      expect(world.rounds()).toBe(2);
      expect(records.map(({ name, outcome }) => [name, outcome])).toEqual([["deploy", "success"]]);
      expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
      await world.close();
    });

    test("is one call each when several run at once", async () => {
      const { world, client, records, guard } = await modern(hook);
      const calls = ["a", "a", "b", "c"].map((to) =>
        client.callTool({ name: "deploy", arguments: { to } }),
      );
      const texts = (await Promise.all(calls)).map(({ content }) => content);
      expect(texts).toMatchObject(
        ["a", "a", "b", "c"].map((to) => [{ text: `deployed to ${to}` }]),
      );
      expect(records).toHaveLength(4);
      expect(await money(guard)).toEqual({ held: 0, spent: 4 * DOLLAR });
      await world.close();
    });

    test("does not go on after a kill", async () => {
      const { world, client, records, guard } = await modern(hook, async () => {
        await killAll(guard, "abort");
        return true;
      });
      const params = { name: "deploy", arguments: { to: "production" } };
      const error = await thrownBy(() => client.callTool(params));
      expect(findGuardError(error)?.code).toBe("BR1001");
      expect(world.rounds()).toBe(1);
      expect(records.map((record) => record.outcome)).toEqual(["killed"]);
      expect((await money(guard)).held).toBe(0);
      await world.close();
    });

    test("is over for the guard when a kill comes while somebody is asked who never answers", async () => {
      let asked = false;
      const { world, client, records, guard } = await modern(hook, () => {
        asked = true;
        return new Promise(() => undefined);
      });
      const params = { name: "deploy", arguments: { to: "production" } };
      const call = thrownBy(() => client.callTool(params));
      await until(() => asked);
      await killAll(guard, "abort");
      // A transport has nothing to tell the client before it comes back.
      if (hook !== "transport") expect(findGuardError(await call)?.code).toBe("BR1001");
      await until(() => records.length === 1);
      expect(records[0]?.outcome).toBe("killed");
      expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
      await world.close();
    });

    test("is cut by a kill while it runs, and the server is told", async () => {
      const { world, client, records, guard } = await modern(hook);
      const call = thrownBy(() => client.callTool({ name: "hang", arguments: {} }));
      await until(() => world.rounds() === 1);
      await killAll(guard, "abort");
      expect(findGuardError(await call)?.code).toBe("BR1001");
      expect(records.map((record) => record.outcome)).toEqual(["killed"]);
      await world.close();
    });

    test("is answered in the server's place in words that the modern client takes", async () => {
      const { world, client, guard } = await modern(hook, undefined, "result");
      await killAll(guard);
      const denied = await client.callTool({ name: "hang", arguments: {} });
      expect(denied.isError).toBe(true);
      expect(world.rounds()).toBe(0);
      await world.close();
    });
  },
);

test("a call that the application gave up between two rounds is charged when the connection closes", async () => {
  const { world, client, records, guard } = await modern("transport", async () => {
    throw new Error("nobody is there to ask");
  });
  await thrownBy(() => client.callTool({ name: "deploy", arguments: { to: "production" } }));
  expect(await money(guard)).toEqual({ held: DOLLAR, spent: 0 });
  await world.close();
  await until(() => records.length === 1);
  expect(records[0]?.outcome).toBe("abandoned");
  expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
});

test("a round with other arguments is a call of its own: the guard has not seen them", async () => {
  const { world, client, guard, records } = await modern("transport");
  const first = await client.callTool(
    { name: "deploy", arguments: { to: "staging" } },
    { allowInputRequired: true },
  );
  const { requestState } = first as unknown as { requestState: string };
  const inputResponses = { sure: { action: "accept", content: { yes: true } } };
  const second = { name: "deploy", arguments: { to: "production" }, requestState, inputResponses };
  await client.callTool(second as never);
  expect(records).toHaveLength(1);
  expect(await money(guard)).toEqual({ held: DOLLAR, spent: DOLLAR });
  await client.callTool({ ...second, arguments: { to: "staging" } } as never);
  expect(records).toHaveLength(2);
  expect(await money(guard)).toEqual({ held: 0, spent: 2 * DOLLAR });
  await world.close();
});

async function modern(
  hook: "client" | "transport" | "both",
  agree?: (message: string) => Promise<boolean>,
  denyMode: "throw" | "result" = "throw",
) {
  const watched = watchedGuard({ budgets: ["$10/day"] });
  const { guard } = watched;
  const options = { ...COSTS, denyMode };
  const world: ModernWorld = await modernWorld(
    (transport) => (hook === "client" ? transport : guardTransport(transport, guard, options)),
    agree,
  );
  const client = hook === "transport" ? world.client : guardClient(world.client, guard, options);
  expect(world.client.getProtocolEra()).toBe("modern");
  return { ...watched, world, client };
}
