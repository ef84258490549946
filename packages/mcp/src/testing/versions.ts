import { createMCPClient } from "@ai-sdk/mcp";
import type { Guard } from "@burnrate/core";
import type { ToolDriver } from "@burnrate/core/testing";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server as Server1 } from "@modelcontextprotocol/sdk/server/index.js";
import * as schemas1 from "@modelcontextprotocol/sdk/types.js";
import { McpServer as Server2 } from "@modelcontextprotocol/server";
import { createMCPClient as createOldest } from "ai-sdk-mcp-oldest";
import { Client as Client20, InMemoryTransport as Memory20 } from "mcp-client-oldest";
import { Client as Client120 } from "mcp-sdk-oldest/client/index.js";
import { InMemoryTransport as Memory120 } from "mcp-sdk-oldest/inMemory.js";
import { Server as Server120 } from "mcp-sdk-oldest/server/index.js";
import * as schemas120 from "mcp-sdk-oldest/types.js";
import { McpServer as Server20 } from "mcp-server-oldest";
import { z } from "zod";
import { guardClient } from "../guard-client.ts";
import { guardTransport } from "../guard-transport.ts";

/** Where the guard is put. */
export type Hook = "guardClient" | "guardTransport" | "both";

/** What a server's only tool, `echo`, does. */
export type Execute = (args: { readonly text: string }) => Promise<string>;

/** One version of a client, with a server of its own version in this process. */
export interface Version {
  readonly name: string;
  readonly hooks: readonly Hook[];
  connect(execute: Execute, guard: Guard, hook: Hook): Promise<ToolDriver>;
}

const info = { name: "echo", version: "1.0.0" };
const HOOKS: readonly Hook[] = ["guardClient", "guardTransport", "both"];
const inputSchema = { type: "object" as const, properties: { text: { type: "string" as const } } };

/** The oldest and the newest version of each client that is supported. */
export const versions: readonly Version[] = [
  generation1("SDK 1.20.0", Client120 as never, Memory120 as never, Server120 as never, schemas120),
  generation1("SDK 1, newest", Client1, Memory1, Server1, schemas1),
  generation2("SDK 2.0.0", Client20 as never, Memory20 as never, Server20 as never),
  generation2("SDK 2, newest", Client2, Memory2, Server2),
  aiSdk("@ai-sdk/mcp 1.0.0", createOldest as never),
  aiSdk("@ai-sdk/mcp, newest", createMCPClient),
];

function generation1(
  name: string,
  Client: typeof Client1,
  Memory: typeof Memory1,
  Server: typeof Server1,
  schemas: unknown,
): Version {
  return {
    name,
    hooks: HOOKS,
    async connect(execute, guard, hook) {
      const [near, far] = Memory.createLinkedPair();
      await serve1(new Server(info, { capabilities: { tools: {} } }), schemas, execute).connect(
        far,
      );
      const client = clientOf(new Client(info), guard, hook);
      await client.connect(transportOf(near, guard, hook));
      return {
        call: (args, options) =>
          client.callTool({ name: "echo", arguments: args }, undefined, options),
        close: () => client.close(),
      };
    },
  };
}

function generation2(
  name: string,
  Client: typeof Client2,
  Memory: typeof Memory2,
  Server: typeof Server2,
): Version {
  return {
    name,
    hooks: HOOKS,
    async connect(execute, guard, hook) {
      const [near, far] = Memory.createLinkedPair();
      const server = new Server(info);
      const config = { inputSchema: z.object({ text: z.string() }) };
      server.registerTool("echo", config, async (args) => answer(await execute(args)));
      await server.connect(far);
      const client = clientOf(new Client(info), guard, hook);
      await client.connect(transportOf(near, guard, hook));
      return {
        call: (args, options) => client.callTool({ name: "echo", arguments: args }, options),
        close: () => client.close(),
      };
    },
  };
}

/** The client of the AI SDK: its tools close over it, so that only its transport can be guarded. */
function aiSdk(name: string, create: typeof createMCPClient): Version {
  return {
    name,
    hooks: ["guardTransport"],
    async connect(execute, guard) {
      const [near, far] = Memory1.createLinkedPair();
      const server = new Server1(info, { capabilities: { tools: {} } });
      await serve1(server, schemas1, execute).connect(far);
      const client = await create({ transport: guardTransport(near, guard) as never });
      const tools = await client.tools();
      return {
        async call(args, options) {
          const run = tools["echo"]?.execute as unknown as (
            ...given: unknown[]
          ) => Promise<unknown>;
          return run(args, { toolCallId: "1", messages: [], abortSignal: options?.signal });
        },
        close: () => client.close(),
      };
    },
  };
}

function clientOf<C extends Parameters<typeof guardClient>[0]>(
  client: C,
  guard: Guard,
  hook: Hook,
): C {
  return hook === "guardTransport" ? client : guardClient(client, guard);
}

function transportOf<T extends Parameters<typeof guardTransport>[0]>(
  transport: T,
  guard: Guard,
  hook: Hook,
): T {
  return hook === "guardClient" ? transport : guardTransport(transport, guard);
}

/** By request handlers: `registerTool` takes schemas of another zod in old versions. */
function serve1(server: Server1, schemas: unknown, execute: Execute): Server1 {
  const { ListToolsRequestSchema, CallToolRequestSchema } = schemas as typeof schemas1;
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: [{ name: "echo", inputSchema }],
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try {
      return answer(await execute(params.arguments as { text: string }));
    } catch {
      return { ...answer("it broke"), isError: true };
    }
  });
  return server;
}

function answer(text: string): { content: { type: "text"; text: string }[] } {
  return { content: [{ type: "text", text }] };
}
