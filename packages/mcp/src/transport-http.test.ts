import { createMCPClient } from "@ai-sdk/mcp";
import { findGuardError } from "@burnrate/core";
import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2,
} from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Http1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { guardTransport } from "./guard-transport.ts";
import type { McpTransport } from "./mcp-transport.ts";
import { type HttpServer, serveHttp } from "./testing/http-server.ts";
import { createModernClient } from "./testing/modern.ts";
import { type ModernHttpServer, serveModernHttp } from "./testing/modern-http.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const info = { name: "test", version: "1.0.0" };
const COSTS = { costs: { "*": 1 } };
const SPENT = 1_000_000_000;

type Wrap = <T extends McpTransport>(transport: T) => T;

/** A connected client, as far as these tests use it. */
interface Connected {
  call(tool: string, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

describe.each([
  ["SDK 1", connect1],
  ["SDK 2, legacy protocol", connect2],
  ["@ai-sdk/mcp", connectAiSdk],
])("a guarded transport over Streamable HTTP, %s", (name, connect) => {
  let server: HttpServer;
  beforeEach(async () => {
    server = await serveHttp();
  });
  afterEach(() => server.close());

  test.each([
    ["an answer", undefined, "success", SPENT],
    ["401", 401, "client-error", 0],
    ["404", 404, "client-error", 0],
    ["429", 429, "rate-limited", 0],
    ["500", 500, "server-error", SPENT],
    ["504", 504, "timeout", SPENT],
    ["a cut connection", "cut", "connection-error", SPENT],
  ] as const)("%s is settled for what it is", async (_, answer, outcome, costNanoUsd) => {
    const { guard, records } = watchedGuard();
    const client = await connect(server.url, (transport) =>
      guardTransport(transport, guard, COSTS),
    );
    server.answer = answer;
    await client.call("echo").catch(() => undefined);
    await until(() => records.length === 1);
    expect(records[0]).toMatchObject({ outcome, costNanoUsd });
    expect((await money(guard)).held).toBe(0);
    server.answer = undefined;
    await client.close();
  });

  test("a kill cuts a call in flight with our error, and the next one sends nothing", async () => {
    const { guard, records } = watchedGuard();
    const client = await connect(server.url, (transport) =>
      guardTransport(transport, guard, COSTS),
    );
    const call = thrownBy(() => client.call("hang"));
    await until(() => server.calls === 1);
    await killAll(guard, "abort");
    expect(findGuardError(await call)?.code).toBe("BR1001");
    await until(() => server.cancelled() === 1);
    expect(findGuardError(await thrownBy(() => client.call("echo")))?.code).toBe("BR1001");
    expect([server.calls, records.map((record) => record.outcome)]).toEqual([1, ["killed"]]);
    await client.close();
  });

  test("the caller's abort ends the call as aborted", async () => {
    const { guard, records } = watchedGuard();
    const client = await connect(server.url, (transport) =>
      guardTransport(transport, guard, COSTS),
    );
    const stop = new AbortController();
    const call = thrownBy(() => client.call("hang", stop.signal));
    await until(() => server.calls === 1);
    stop.abort();
    expect(findGuardError(await call), name).toBeUndefined();
    await until(() => records.length === 1);
    expect(records[0]).toMatchObject({ outcome: "aborted", costNanoUsd: SPENT });
    await client.close();
  });
});

describe.each(["client", "transport", "both"] as const)(
  "the modern protocol over Streamable HTTP, guarded by %s",
  (hook) => {
    let server: ModernHttpServer;
    beforeEach(async () => {
      server = await serveModernHttp();
    });
    afterEach(() => server.close());

    async function connect(fetch?: typeof globalThis.fetch) {
      const watched = watchedGuard({ budgets: ["$10/day"] });
      const { guard } = watched;
      const bare = createModernClient(async () => true);
      const http = new Http2(server.url, fetch === undefined ? {} : { fetch });
      await bare.connect(hook === "client" ? http : guardTransport(http, guard, COSTS));
      expect(bare.getProtocolEra()).toBe("modern");
      const client = hook === "transport" ? bare : guardClient(bare, guard, COSTS);
      return { ...watched, client };
    }

    test("a try that the server refused for its headers costs nothing, the next one its price", async () => {
      const { client, guard, records } = await connect(mismatchOnce());
      await client.callTool({ name: "deploy", arguments: { to: "production" } });
      expect(server.rounds()).toBe(2);
      const tries = hook === "transport" ? ["client-error", "success"] : ["success"];
      expect(records.map(({ outcome }) => outcome)).toEqual(tries);
      expect(await money(guard)).toEqual({ held: 0, spent: SPENT });
      await client.close();
    });

    test("rounds of one call count once", async () => {
      const { client, guard, records } = await connect();
      await client.callTool({ name: "deploy", arguments: { to: "production" } });
      expect(server.rounds()).toBe(2);
      expect(records.map((record) => record.outcome)).toEqual(["success"]);
      expect(await money(guard)).toEqual({ held: 0, spent: SPENT });
      await client.close();
    });

    test("a kill and an abort close the call's own stream", async () => {
      const { client, guard, records } = await connect();
      const stop = new AbortController();
      const params = { name: "hang", arguments: {} };
      const aborted = thrownBy(() => client.callTool(params, { signal: stop.signal }));
      await until(() => server.rounds() === 1);
      stop.abort();
      expect(findGuardError(await aborted)).toBeUndefined();
      await until(() => server.cut() >= 1);
      const killed = thrownBy(() => client.callTool(params));
      await until(() => server.rounds() === 2);
      await killAll(guard, "abort");
      expect(findGuardError(await killed)?.code).toBe("BR1001");
      await until(() => server.cut() >= 2 && records.length === 2);
      expect(records.map((record) => record.outcome)).toEqual(["aborted", "killed"]);
      expect(await money(guard)).toEqual({ held: 0, spent: 2 * SPENT });
      await client.close();
    });
  },
);

/** Answers the first tool call as a server does that misses a header, and runs nothing. */
function mismatchOnce(): typeof fetch {
  let isDone = false;
  return (url, init) => {
    const message = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    if (isDone || message?.method !== "tools/call") return fetch(url, init);
    isDone = true;
    const error = { code: -32_020, message: "Header mismatch" };
    const body = { jsonrpc: "2.0", id: message.id, error };
    const headers = { "content-type": "application/json" };
    return Promise.resolve(new Response(JSON.stringify(body), { status: 400, headers }));
  };
}

async function connect1(url: URL, wrap: Wrap): Promise<Connected> {
  const client = new Client1(info);
  await client.connect(wrap(new Http1(url)) as unknown as Parameters<Client1["connect"]>[0]);
  return {
    call: (name, signal) =>
      client.callTool({ name, arguments: {} }, undefined, signal && { signal }),
    close: () => client.close(),
  };
}

async function connect2(url: URL, wrap: Wrap): Promise<Connected> {
  const client = new Client2(info);
  await client.connect(wrap(new Http2(url)));
  return {
    call: (name, signal) => client.callTool({ name, arguments: {} }, signal && { signal }),
    close: () => client.close(),
  };
}

async function connectAiSdk(url: URL, wrap: Wrap): Promise<Connected> {
  const client = await createMCPClient({ transport: wrap(new Http1(url)) as never, maxRetries: 0 });
  const tools = await client.tools();
  return {
    async call(name, signal) {
      const run = tools[name]?.execute as unknown as (...args: unknown[]) => Promise<unknown>;
      return run({}, { toolCallId: "1", messages: [], abortSignal: signal });
    },
    close: () => client.close(),
  };
}
