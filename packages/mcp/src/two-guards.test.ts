import { findGuardError } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { guardTransport } from "./guard-transport.ts";
import type { McpClient } from "./mcp-client.ts";
import type { McpTransport } from "./mcp-transport.ts";
import { generations } from "./testing/generations.ts";
import { money, thrownBy, type WatchedGuard, watchedGuard } from "./testing/watched-guard.ts";

const options = { server: "s", costs: { echo: 0.01 } };

type Denied = "throw" | "result";
interface Stack {
  transport(
    transport: McpTransport,
    outer: WatchedGuard,
    inner: WatchedGuard,
    denyMode: Denied,
  ): McpTransport;
  client(client: McpClient, outer: WatchedGuard, inner: WatchedGuard, denyMode: Denied): McpClient;
}

const STACKS: Readonly<Record<string, Stack>> = {
  "client around client": {
    transport: (transport) => transport,
    client: (client, outer, inner, denyMode) =>
      guardClient(guardClient(client, inner.guard, { ...options, denyMode }), outer.guard, options),
  },
  "client over transport": {
    transport: (transport, _, inner, denyMode) =>
      guardTransport(transport, inner.guard, { ...options, denyMode }),
    client: (client, outer) => guardClient(client, outer.guard, options),
  },
  "transport around transport": {
    transport: (transport, outer, inner, denyMode) =>
      guardTransport(
        guardTransport(transport, inner.guard, { ...options, denyMode }),
        outer.guard,
        options,
      ),
    client: (client) => client,
  },
};

const CASES = generations.flatMap((generation) =>
  Object.entries(STACKS).map(([name, stack]) => ({ generation, name, stack })),
);

describe.each(CASES)("two guards, $name, of $generation.name", ({ generation, name, stack }) => {
  async function connect(outer: WatchedGuard, inner: WatchedGuard, denyMode: Denied) {
    const wrap = <T extends McpTransport>(transport: T): T =>
      stack.transport(transport, outer, inner, denyMode) as T;
    const connection = await generation.connect("memory", wrap);
    const client = stack.client(connection.client as McpClient, outer, inner, denyMode);
    return { connection, call: () => connection.callTool(client, "echo") };
  }

  test("what the inner one refuses reaches the application, and costs the outer one nothing", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard({ budgets: ["$0.001/day"] });
    const { connection, call } = await connect(outer, inner, "throw");
    expect(findGuardError(await thrownBy(call))?.code).toBe("BR2001");
    expect(connection.seen().runs).toEqual({});
    expect(outer.records).toMatchObject([{ outcome: "refused", costNanoUsd: 0 }]);
    expect(await money(outer.guard)).toEqual({ held: 0, spent: 0 });
    await connection.close();
  });

  // Between a client and a transport, the SDK copies what it was answered.
  test.runIf(name !== "client over transport")("as a result, too", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard({ budgets: ["$0.001/day"] });
    const { connection, call } = await connect(outer, inner, "result");
    expect(await call()).toMatchObject({ isError: true });
    expect(await money(outer.guard)).toEqual({ held: 0, spent: 0 });
    await connection.close();
  });

  test("both charge a call that ran", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard();
    const { connection, call } = await connect(outer, inner, "throw");
    await call();
    for (const { guard } of [outer, inner]) {
      expect(await money(guard)).toEqual({ held: 0, spent: 10_000_000 });
    }
    await connection.close();
  });
});
