import type { CallRecord } from "@burnrate/core";
import { Client as Client2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generations } from "./testing/generations.ts";
import { money, thrownBy, watchedGuard } from "./testing/watched-guard.ts";

const COSTS = { costs: { "*": 1 } };
const NOTHING = { held: 0, spent: 0 };
const info = { name: "test", version: "1.0.0" };

describe.each(generations)("$name", (generation) => {
  test.each(["callTool", "request"] as const)(
    "%s on a client that is not connected costs nothing, not even a call",
    async (via) => {
      const { guard, records } = watchedGuard({ budgets: ["$5/day", "1 calls/day"] });
      const connection = await generation.connect();
      const client = guardClient(connection.client as Client1, guard, COSTS);
      await client.close();
      const bare = await thrownBy(() => connection[via](connection.client, "echo"));
      expect(await thrownBy(() => connection[via](client, "echo"))).toEqual(bare);
      // The budget of one call would refuse a second one.
      expect(await thrownBy(() => connection[via](client, "echo"))).toEqual(bare);
      expect(records.map(chargeOf)).toEqual([0, 0]);
      expect((await guard.budgets()).map(({ settled, held }) => [settled, held])).toEqual([
        [0, 0],
        [0, 0],
      ]);
    },
  );

  test.each([undefined, null])("callTool(%s) costs nothing", async (params) => {
    const { guard } = watchedGuard();
    const connection = await generation.connect();
    const client = guardClient(connection.client as Client1, guard, COSTS);
    const bare = await thrownBy(() => connection.client.callTool(params as never));
    expect(await thrownBy(() => client.callTool(params as never))).toEqual(bare);
    expect(await money(guard)).toEqual(NOTHING);
  });

  test.each([
    ["a cycle", cycle],
    ["a bigint", () => ({ count: 1n })],
  ])("arguments with %s, which no transport can write down, cost nothing", async (_, make) => {
    const { guard, records } = watchedGuard();
    const connection = await generation.connect();
    const client = guardClient(connection.client as Client1, guard, COSTS);
    const params = { name: "echo", arguments: make() };
    const bare = await thrownBy(() => connection.client.callTool(params));
    expect(await thrownBy(() => client.callTool(params))).toEqual(bare);
    expect(records[0]).toMatchObject({ outcome: "client-error", costNanoUsd: 0 });
    expect(await money(guard)).toEqual(NOTHING);
  });
});

test.each([
  ["SDK 1", () => new Client1(info, { enforceStrictCapabilities: true })],
  ["SDK 2", () => new Client2(info, { enforceStrictCapabilities: true })],
])("%s: a call that a strict client keeps back costs nothing", async (_, create) => {
  const { guard } = watchedGuard();
  const client = guardClient(create() as Client1, guard, COSTS);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([new Server(info).connect(far), client.connect(near)]);
  expect(String(await thrownBy(() => client.callTool({ name: "echo" })))).toContain("tools");
  expect(await money(guard)).toEqual(NOTHING);
});

test("SDK 1: a tool that must run as a task is not charged when it is called otherwise", async () => {
  const { guard } = watchedGuard();
  const server = new Server(info, { capabilities: { tools: {} } });
  const slow = {
    name: "slow",
    inputSchema: { type: "object" as const },
    execution: { taskSupport: "required" as const },
  };
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [slow] }));
  const client = guardClient(new Client1(info), guard, COSTS);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  await client.listTools();
  const error = await thrownBy(() => client.callTool({ name: "slow" }));
  expect(String(error)).toContain("requires task-based execution");
  expect(await money(guard)).toEqual(NOTHING);
});

test("SDK 1: a server's own error with the code of a time-out is none", async () => {
  const { guard, records } = watchedGuard();
  const server = new Server(info, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, async () => {
    throw Object.assign(new Error("Session expired"), { code: ErrorCode.RequestTimeout });
  });
  const client = guardClient(new Client1(info), guard, COSTS);
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  const error = await thrownBy(() => client.callTool({ name: "echo" }));
  expect(error).toMatchObject({ code: ErrorCode.RequestTimeout });
  expect(records.map(({ outcome }) => outcome)).toEqual(["failed"]);
  expect(records.map(chargeOf)).toEqual([1_000_000_000]);
});

test("what a server says cannot make a call free, nor leave it held", async () => {
  const { guard, records } = watchedGuard({ budgets: ["$100/day"] });
  const lies = [
    { name: "ProtocolError", code: -32_603, message: "Not connected" },
    { name: "McpError", code: -32_000, message: "Not connected" },
    { name: "McpError", code: 404, message: "Streamable HTTP error: not found" },
    { name: "McpError", message: "Server does not support tools (required for tools/call)" },
    { name: "ProtocolError", code: "CAPABILITY_NOT_SUPPORTED", message: "" },
    { name: "Error", message: { toString: null } },
  ];
  for (const lie of lies) {
    const answer = (): Promise<never> => Promise.reject(Object.assign(new Error(), lie));
    const client = guardClient({ callTool: answer, request: answer }, guard, COSTS);
    await thrownBy(() => (client.callTool as (params: unknown) => unknown)({ name: "echo" }));
  }
  expect(records.map(chargeOf)).toEqual(lies.map(() => 1_000_000_000));
  expect((await money(guard)).held).toBe(0);
});

function chargeOf(record: CallRecord): number | undefined {
  return record.costNanoUsd;
}

function cycle(): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  value["value"] = value;
  return value;
}
