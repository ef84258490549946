import { adapterContract } from "@burnrate/core/testing";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as Server1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as Server2 } from "@modelcontextprotocol/server";
import { describe, test } from "vitest";
import { z } from "zod";
import { guardClient } from "./guard-client.ts";

const info = { name: "echo", version: "1.0.0" };
const config = { inputSchema: z.object({ text: z.string() }) };

describe("SDK 1", () => {
  adapterContract({
    test,
    kind: "tool",
    async create({ guard, execute }) {
      const server = new Server1(info);
      server.registerTool("echo", config, async (args) => ({
        content: [{ type: "text", text: await execute(args) }],
      }));
      const client = guardClient(new Client1(info), guard);
      const [near, far] = Memory1.createLinkedPair();
      await Promise.all([server.connect(far), client.connect(near)]);
      return {
        call: (args, options) =>
          client.callTool({ name: "echo", arguments: args }, undefined, options),
        close: () => client.close(),
      };
    },
  });
});

describe("SDK 2", () => {
  adapterContract({
    test,
    kind: "tool",
    async create({ guard, execute }) {
      const server = new Server2(info);
      server.registerTool("echo", config, async (args) => ({
        content: [{ type: "text", text: await execute(args) }],
      }));
      const client = guardClient(new Client2(info), guard);
      const [near, far] = Memory2.createLinkedPair();
      await Promise.all([server.connect(far), client.connect(near)]);
      return {
        call: (args, options) => client.callTool({ name: "echo", arguments: args }, options),
        close: () => client.close(),
      };
    },
  });
});
