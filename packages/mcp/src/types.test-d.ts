import type { StdioMCPTransport as StdioAi } from "@ai-sdk/mcp/mcp-stdio";
import type { Guard } from "@burnrate/core";
import { Client as Client2 } from "@modelcontextprotocol/client";
import type { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import type { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expectTypeOf, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { guardTransport } from "./guard-transport.ts";

declare const guard: Guard;
const info = { name: "test", version: "1.0.0" };

test("a guarded client keeps its type, in both SDK generations", () => {
  expectTypeOf(guardClient(new Client1(info), guard)).toEqualTypeOf<Client1>();
  expectTypeOf(guardClient(new Client2(info), guard)).toEqualTypeOf<Client2>();
});

test("a subclass stays a subclass", () => {
  class Named extends Client2 {
    readonly label = "mine";
  }
  expectTypeOf(guardClient(new Named(info), guard).label).toEqualTypeOf<string>();
});

test("what has no callTool, and an option that does not exist, are type errors", () => {
  // @ts-expect-error an object without callTool is no client
  expectTypeOf(guardClient({ request: async () => ({}) }, guard)).not.toBeAny();
  // @ts-expect-error the option is called costs
  expectTypeOf(guardClient(new Client1(info), guard, { cost: {} })).toEqualTypeOf<Client1>();
});

test("a guarded transport keeps its type, in both SDK generations and the AI SDK", () => {
  expectTypeOf(guardTransport({} as Stdio1, guard)).toEqualTypeOf<Stdio1>();
  expectTypeOf(guardTransport({} as Stdio2, guard)).toEqualTypeOf<Stdio2>();
  expectTypeOf(guardTransport({} as StdioAi, guard)).toEqualTypeOf<StdioAi>();
  // @ts-expect-error an object that cannot send is no transport
  expectTypeOf(guardTransport({ start: async () => {} }, guard)).not.toBeAny();
});
