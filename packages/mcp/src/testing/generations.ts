import { fileURLToPath } from "node:url";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import type { McpTransport } from "../mcp-transport.ts";
import { createServer1 } from "./server-1.ts";
import { createServer2 } from "./server-2.ts";
import type { ServerLog, ToolAnswer } from "./tools.ts";

/** Request options that both generations know. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

/** One SDK generation, called in its own signatures. */
export interface Generation {
  readonly name: string;
  /** A connected client, its server in this process or started over stdio. */
  connect(over?: "memory" | "stdio", wrap?: WrapTransport): Promise<Connection>;
}

/** Puts something around the client's transport. */
export type WrapTransport = <T extends McpTransport>(transport: T) => T;

const asIs: WrapTransport = (transport) => transport;

/** Ways to call a tool with a client of one generation, guarded or not. */
export interface Connection {
  readonly client: Client1 | Client2;
  callTool(client: unknown, name: string, options?: CallOptions): Promise<ToolAnswer>;
  request(client: unknown, name: string, options?: CallOptions): Promise<ToolAnswer>;
  /** What the server did, asked through the client. */
  log(): Promise<ServerLog>;
  /** What a server in this process did. */
  seen(): ServerLog;
  close(): Promise<void>;
}

const info = { name: "test", version: "1.0.0" };

export const generation1: Generation = {
  name: "SDK 1",
  async connect(over = "memory", wrap = asIs) {
    const client = new Client1(info);
    const { server, log } = createServer1();
    if (over === "stdio")
      await client.connect(wrap(new Stdio1(serverProcess("stdio-server-1.ts"))));
    else {
      const [near, far] = Memory1.createLinkedPair();
      await server.connect(far);
      await client.connect(wrap(overJson(near)));
    }
    const callTool: Connection["callTool"] = async (through, name, options) => {
      const params = { name, arguments: { text: "hi" } };
      return (await (through as Client1).callTool(params, undefined, options)) as ToolAnswer;
    };
    return {
      client,
      callTool,
      async request(through, name, options) {
        const request = { method: "tools/call", params: { name, arguments: { text: "hi" } } };
        const answer = (through as Client1).request(
          request as never,
          CallToolResultSchema,
          options,
        );
        return (await answer) as ToolAnswer;
      },
      log: async () => logIn(await callTool(client, "stats")),
      seen: () => log,
      close: () => client.close(),
    };
  },
};

export const generation2: Generation = {
  name: "SDK 2",
  async connect(over = "memory", wrap = asIs) {
    const client = new Client2(info);
    const { server, log } = createServer2();
    if (over === "stdio")
      await client.connect(wrap(new Stdio2(serverProcess("stdio-server-2.ts"))));
    else {
      const [near, far] = Memory2.createLinkedPair();
      await server.connect(far);
      await client.connect(wrap(overJson(near)));
    }
    const callTool: Connection["callTool"] = async (through, name, options) => {
      const params = { name, arguments: { text: "hi" } };
      return (await (through as Client2).callTool(params, options)) as ToolAnswer;
    };
    return {
      client,
      callTool,
      async request(through, name, options) {
        const request = {
          method: "tools/call",
          params: { name, arguments: { text: "hi" } },
        } as const;
        return (await (through as Client2).request(request, options)) as ToolAnswer;
      },
      log: async () => logIn(await callTool(client, "stats")),
      seen: () => log,
      close: () => client.close(),
    };
  },
};

export const generations: readonly Generation[] = [generation1, generation2];

/** Messages in memory are objects; on a real wire they are text. */
function overJson<T extends Transport>(transport: T): T {
  const send = transport.send.bind(transport);
  transport.send = async (message, options) =>
    send(JSON.parse(JSON.stringify(message)) as never, options);
  return transport;
}

interface Transport {
  send(message: never, options?: never): Promise<void>;
}

function serverProcess(file: string): { command: string; args: string[] } {
  return { command: process.execPath, args: [fileURLToPath(new URL(file, import.meta.url))] };
}

function logIn(answer: ToolAnswer): ServerLog {
  return JSON.parse(answer.content[0]?.text ?? "{}") as ServerLog;
}
