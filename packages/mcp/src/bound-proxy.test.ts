import type { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect, test, vi } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generations } from "./testing/generations.ts";
import { watchedGuard } from "./testing/watched-guard.ts";

type Patched = { callTool: (...args: unknown[]) => Promise<unknown> };

describe.each(generations)("$name: instrumentation of a guarded client", (generation) => {
  async function setUp() {
    const watched = watchedGuard();
    const connection = await generation.connect();
    const client: unknown = guardClient(connection.client as Client1, watched.guard);
    return { ...watched, connection, client: client as Patched };
  }

  test("a spy sees a call, the guard counts it once, and a removed spy leaves the guard", async () => {
    const { connection, client, records } = await setUp();
    const spy = vi.spyOn(client, "callTool");
    await connection.callTool(client, "echo");
    expect([spy.mock.calls.length, records.length]).toEqual([1, 1]);
    spy.mockRestore();
    await connection.callTool(client, "echo");
    expect([spy.mock.calls.length, records.length]).toEqual([0, 2]);
    expect((await connection.log()).runs).toEqual({ echo: 2 });
  });

  test("a mock answers in the client's place: nothing is sent or counted", async () => {
    const { connection, client, records } = await setUp();
    vi.spyOn(client, "callTool").mockResolvedValue({ content: [] });
    expect(await connection.callTool(client, "echo")).toEqual({ content: [] });
    expect(records).toEqual([]);
    expect((await connection.log()).runs).toEqual({});
  });

  test.each(["value", "get"])("a method defined by its %s calls the guarded one", async (kind) => {
    const { connection, client, records } = await setUp();
    const before = client.callTool;
    const wrapped = vi.fn((...args: unknown[]) => before(...args));
    const descriptor = kind === "value" ? { value: wrapped } : { get: () => wrapped };
    Object.defineProperty(client, "callTool", descriptor);
    await connection.callTool(client, "echo");
    expect([wrapped.mock.calls.length, records.length]).toEqual([1, 1]);
    Reflect.deleteProperty(client, "callTool");
    expect(client.callTool).toBe(before);
  });

  test("properties that are not guarded are defined and deleted on the client itself", async () => {
    const { connection, client } = await setUp();
    Object.defineProperty(client, "label", { value: "mine", configurable: true });
    expect(Reflect.get(connection.client, "label")).toBe("mine");
    Reflect.deleteProperty(client, "label");
    expect(Reflect.has(connection.client, "label")).toBe(false);
  });
});
