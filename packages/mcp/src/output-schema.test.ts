import { findGuardError } from "@burnrate/core";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server as Server1 } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { Server as Server2 } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { thrownBy, watchedGuard } from "./testing/watched-guard.ts";

const info = { name: "counter", version: "1.0.0" };
const capabilities = { tools: {} };
const object = { type: "object" as const };
const count = {
  name: "count",
  inputSchema: object,
  outputSchema: { ...object, required: ["count"] },
};
const tools = { tools: [count] };
const answer = { content: [], structuredContent: { total: 1 } };

async function connect1(): Promise<Client1> {
  const server = new Server1(info, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, () => tools);
  server.setRequestHandler(CallToolRequestSchema, () => answer);
  const [near, far] = Memory1.createLinkedPair();
  const client = new Client1(info);
  await Promise.all([server.connect(far), client.connect(near)]);
  return client;
}

async function connect2(): Promise<Client2> {
  const server = new Server2(info, { capabilities });
  server.setRequestHandler("tools/list", () => tools);
  server.setRequestHandler("tools/call", () => answer);
  const [near, far] = Memory2.createLinkedPair();
  const client = new Client2(info);
  await Promise.all([server.connect(far), client.connect(near)]);
  return client;
}

test.each([
  ["SDK 1", connect1],
  ["SDK 2", connect2],
])(
  "an answer that does not fit the tool's output schema is a failed call, paid for, in %s",
  async (_, connect) => {
    const { guard, records } = watchedGuard();
    const bare = (await connect()) as Client1;
    const client = guardClient(bare, guard, { costs: { count: 1 } });
    await client.listTools();
    const error = await thrownBy(() => client.callTool({ name: "count", arguments: {} }));
    expect(findGuardError(error)).toBeUndefined();
    expect(error).toEqual(await thrownBy(() => bare.callTool({ name: "count", arguments: {} })));
    expect(error).toMatchObject({ code: -32_602 });
    expect(records[0]).toMatchObject({ outcome: "failed", costNanoUsd: 1_000_000_000 });
  },
);
