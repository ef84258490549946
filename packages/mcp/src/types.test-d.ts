import type { Guard } from "@burnrate/core";
import { Client as Client2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { expectTypeOf, test } from "vitest";
import { guardClient } from "./guard-client.ts";

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
