import { fileURLToPath } from "node:url";
import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { findGuardError } from "@burnrate/core";
import { afterEach, describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type GuardTransportOptions, guardTransport } from "./guard-transport.ts";
import type { ServerLog, ToolAnswer } from "./testing/tools.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const SPENT = 1_000_000_000;
const server = fileURLToPath(new URL("testing/stdio-server-1.ts", import.meta.url));

describe("the client of @ai-sdk/mcp with a real server over stdio", () => {
  let close = async (): Promise<void> => undefined;
  afterEach(() => close());

  test("a tool call is recorded once, under the server's name, and costs its price", async () => {
    const { guard, records, run } = await connect({ costs: { echo: 1 } });
    expect((await run("echo")).content[0]?.text).toBe("echo hi");
    expect(records).toMatchObject([{ provider: "server-1", name: "echo", outcome: "success" }]);
    expect(await money(guard)).toEqual({ held: 0, spent: SPENT });
  });

  test("a tool that fails is a failed call", async () => {
    const { records, run } = await connect();
    await run("fail").catch(() => undefined);
    expect(records.map((record) => record.outcome)).toEqual(["tool-error"]);
  });

  test("a refused call is not sent, and throws the refusal", async () => {
    const { guard, run, log, refused } = await connect();
    await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
    expect(await thrownBy(() => run("echo"))).toBe(refused[0]);
    expect((await log()).runs).toEqual({});
  });

  test("a refused call is a result for the model, with denyMode result", async () => {
    const { guard, run, refused } = await connect({ denyMode: "result" });
    await killAll(guard);
    const answer = await run("echo");
    expect(answer).toMatchObject({ isError: true, content: [{ text: refused[0]?.message }] });
  });

  test("a kill cuts a call in flight, and the server is told", async () => {
    const { guard, run, log, records } = await connect();
    const call = thrownBy(() => run("hang"));
    await until(async () => (await log()).runs["hang"] === 1);
    await guard.kill({ tool: "hang" }, { reason: "test", by: "test", level: "abort" });
    expect(findGuardError(await call)?.code).toBe("BR1001");
    expect(records.filter(({ name }) => name === "hang")).toMatchObject([{ outcome: "killed" }]);
    await until(async () => (await log()).cancelled === 1);
  });

  test.each(["abort", "time-out"] as const)("the caller's %s ends the call", async (how) => {
    const { guard, client, log, records } = await connect({ costs: { hang: 1 } });
    const stop = new AbortController();
    const options = how === "abort" ? { signal: stop.signal } : { timeout: 20 };
    const call = thrownBy(() => client.callTool({ name: "hang", arguments: {}, options }));
    await until(async () => (await log()).runs["hang"] === 1);
    stop.abort();
    expect(findGuardError(await call)).toBeUndefined();
    const ends = (): string[] =>
      records.filter(({ name }) => name === "hang").map(({ outcome }) => outcome);
    await until(() => ends().length === 1);
    expect(ends()).toEqual([how === "abort" ? "aborted" : "timeout"]);
    expect((await money(guard)).spent).toBe(SPENT);
  });

  test("calls in flight when the client is closed leave nothing held", async () => {
    const { guard, client, run, log, records } = await connect();
    const call = thrownBy(() => run("hang"));
    await until(async () => (await log()).runs["hang"] === 1);
    await client.close();
    expect(await call).toBeInstanceOf(Error);
    await until(() => records.some(({ name }) => name === "hang"));
    expect(records.find(({ name }) => name === "hang")?.outcome).toBe("connection-error");
    expect((await money(guard)).held).toBe(0);
  });

  async function connect(options: GuardTransportOptions = {}) {
    const watched = watchedGuard();
    const stdio = new StdioTransport({ command: process.execPath, args: [server] });
    const client = await createMCPClient({
      transport: guardTransport(stdio, watched.guard, options),
    });
    close = () => client.close();
    const tools = await client.tools();
    const run = async (name: string): Promise<ToolAnswer> => {
      const execute = tools[name]?.execute as unknown as (...args: unknown[]) => unknown;
      return (await execute({ text: "hi" }, { toolCallId: "1", messages: [] })) as ToolAnswer;
    };
    const log = async (): Promise<ServerLog> => {
      return JSON.parse((await run("stats")).content[0]?.text ?? "") as ServerLog;
    };
    return { ...watched, client, run, log };
  }
});

test("guardClient does not take that client: its tools() would call past it", async () => {
  const { guard } = watchedGuard();
  const transport = new StdioTransport({ command: process.execPath, args: [server] });
  const client = await createMCPClient({ transport });
  expect(() => guardClient(client as never, guard)).toThrow(/BR9001.*tools\(\).*guardTransport/);
  await client.close();
});
