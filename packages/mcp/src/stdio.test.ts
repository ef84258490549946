import { findGuardError } from "@burnrate/core";
import type { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type Connection, generations } from "./testing/generations.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

describe.each(generations)("a real server over stdio, $name", (generation) => {
  let connection: Connection;
  beforeEach(async () => {
    connection = await generation.connect("stdio");
  });
  afterEach(() => connection.close());

  test("answers and tool errors are recorded as such", async () => {
    const { guard, records } = watchedGuard();
    const client = guardClient(connection.client as Client1, guard, {
      costs: { echo: 0.5, fail: 0.5 },
    });
    expect((await connection.callTool(client, "echo")).content[0]?.text).toBe("echo hi");
    expect((await connection.request(client, "fail")).isError).toBe(true);
    expect(records.map((record) => record.outcome)).toEqual(["success", "tool-error"]);
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
  });

  test("a kill cancels a call in flight on the server, and the next call is refused", async () => {
    const { guard, records } = watchedGuard();
    const client = guardClient(connection.client as Client1, guard, { costs: { hang: 1 } });
    const call = thrownBy(() => connection.callTool(client, "hang"));
    await until(async () => (await connection.log()).runs["hang"] === 1);
    await killAll(guard, "abort");
    expect(findGuardError(await call)?.code).toBe("BR1001");
    await until(async () => (await connection.log()).cancelled === 1);
    expect(records.map((record) => record.outcome)).toEqual(["killed"]);
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
    const next = await thrownBy(() => connection.callTool(client, "echo"));
    expect(findGuardError(next)?.code).toBe("BR1001");
    expect((await connection.log()).runs).toEqual({ hang: 1 });
  });

  test("a server process that dies during a call is a connection error, charged, nothing held", async () => {
    const { guard, records } = watchedGuard();
    const client = guardClient(connection.client as Client1, guard, { costs: { crash: 1 } });
    const error = await thrownBy(() => connection.callTool(client, "crash"));
    expect(findGuardError(error)).toBeUndefined();
    expect(records.map((record) => record.outcome)).toEqual(["connection-error"]);
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
  });
});
