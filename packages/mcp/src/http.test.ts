import { findGuardError } from "@burnrate/core";
import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Client as Client120 } from "mcp-sdk-oldest/client/index.js";
import { StreamableHTTPClientTransport as Http120 } from "mcp-sdk-oldest/client/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type HttpServer, serveHttp } from "./testing/http-server.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const info = { name: "test", version: "1.0.0" };
const SPENT = 1_000_000_000;

describe.each([
  ["SDK 1.20", connect120],
  ["SDK 1", connect1],
  ["SDK 2", connect2],
])("a real server over Streamable HTTP, %s", (_, connect) => {
  let server: HttpServer;
  let bare: Client1;
  beforeEach(async () => {
    server = await serveHttp();
    bare = await connect(server.url);
  });
  afterEach(async () => {
    await bare.close();
    await server.close();
  });

  test.each([
    [401, "client-error", 0],
    [404, "client-error", 0],
    [429, "rate-limited", 0],
    [500, "server-error", SPENT],
    [504, "timeout", SPENT],
    ["cut", "connection-error", SPENT],
  ] as const)("an answer of %s is a %s that costs %d", async (answer, outcome, costNanoUsd) => {
    const { guard, records } = watchedGuard();
    const client = guardClient(bare, guard, { costs: { echo: 1 } });
    server.answer = answer;
    const error = await thrownBy(() => bare.callTool({ name: "echo", arguments: {} }));
    const ours = await thrownBy(() => client.callTool({ name: "echo", arguments: {} }));
    expect(String(ours)).toBe(String(error));
    expect(records.map((record) => [record.outcome, record.costNanoUsd])).toEqual([
      [outcome, costNanoUsd],
    ]);
    expect((await money(guard)).held).toBe(0);
  });

  test("a server that is gone is a connection error that costs nothing", async () => {
    const { guard, records } = watchedGuard();
    const client = guardClient(bare, guard, { costs: { echo: 1 } });
    await server.close();
    await thrownBy(() => client.callTool({ name: "echo", arguments: {} }));
    expect(records[0]).toMatchObject({ outcome: "connection-error", costNanoUsd: 0 });
  });

  test("a kill cancels a call in flight on the server, and the next one sends nothing", async () => {
    const { guard, records } = watchedGuard();
    const client = guardClient(bare, guard);
    const call = thrownBy(() => client.callTool({ name: "hang", arguments: {} }));
    await until(() => server.calls === 1);
    await killAll(guard, "abort");
    expect(findGuardError(await call)?.code).toBe("BR1001");
    await until(() => server.cancelled() === 1);
    await thrownBy(() => client.callTool({ name: "echo", arguments: {} }));
    expect([server.calls, records.length]).toEqual([1, 1]);
  });
});

test.each([
  ["SDK 1", connect1],
  ["SDK 2", connect2],
])("a call that the user must log in for first costs nothing, %s", async (_, connect) => {
  const server = await serveHttp();
  const { guard, records } = watchedGuard();
  const bare = await connect(server.url, login);
  const client = guardClient(bare, guard, { costs: { echo: 1 } });
  server.answer = 401;
  const error = await thrownBy(() => client.callTool({ name: "echo", arguments: {} }));
  expect(String(error)).toMatch(/Unauthorized/);
  expect(records[0]).toMatchObject({ outcome: "client-error", costNanoUsd: 0 });
  await bare.close();
  await server.close();
});

/** Sends the user to a page to log in; nobody does. */
const login: OAuthClientProvider = {
  redirectUrl: "http://127.0.0.1/",
  clientMetadata: { redirect_uris: ["http://127.0.0.1/"] },
  clientInformation: () => ({ client_id: "test" }),
  tokens: () => undefined,
  saveTokens: () => undefined,
  redirectToAuthorization: () => undefined,
  saveCodeVerifier: () => undefined,
  codeVerifier: () => "",
};

async function connect120(url: URL): Promise<Client1> {
  const client = new Client120(info);
  await client.connect(new Http120(url) as unknown as Parameters<Client120["connect"]>[0]);
  return client as unknown as Client1;
}

async function connect1(url: URL, authProvider?: OAuthClientProvider): Promise<Client1> {
  const client = new Client1(info);
  const transport = new Http1(url, authProvider && { authProvider });
  await client.connect(transport as unknown as Parameters<Client1["connect"]>[0]);
  return client;
}

async function connect2(url: URL, authProvider?: OAuthClientProvider): Promise<Client1> {
  const client = new Client2(info);
  await client.connect(new Http2(url, authProvider && { authProvider }));
  return client as unknown as Client1;
}
