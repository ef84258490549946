import { guardClient, guardTransport } from "@burnrate/mcp";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as Server1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as Server2 } from "@modelcontextprotocol/server";
import type { Guard } from "burnrate";
import { newFullGuard, newGuard } from "./guards.ts";
import { type Measured, measureBeyondEmpty, type Part } from "./measure.ts";

const TOOL = "ping";
const INFO = { name: "bench", version: "1.0.0" };

/** What is measured of a client, in either generation's types. */
interface Callable {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  request(...args: never[]): Promise<unknown>;
}

/** The least that a hook on a client can be: it is there, and passes calls on. */
function emptyHook<C extends Callable>(client: C): C {
  const callTool: Callable["callTool"] = async (params) => await client.callTool(params);
  return new Proxy(client, {
    get: (target, key) => (key === "callTool" ? callTool : Reflect.get(target, key, target)),
  });
}

const answer = async (): Promise<{ content: { type: "text"; text: string }[] }> => ({
  content: [{ type: "text", text: "pong" }],
});

/** Either generation's transport. */
interface Transport {
  start(): Promise<void>;
  send(...args: never[]): Promise<void>;
  close(): Promise<void>;
}
type Wrap = <T extends Transport>(transport: T) => T;
type Connect = (wrap?: Wrap) => Promise<Callable>;

const asItIs: Wrap = (transport) => transport;

/** The least that a hook on a transport can be. */
const emptyTransport: Wrap = (transport) => {
  const send = async (...args: never[]): Promise<void> => await transport.send(...args);
  return new Proxy(transport, {
    get: (target, key) => (key === "send" ? send : Reflect.get(target, key, target)),
  });
};

const connect1: Connect = async (wrap = asItIs) => {
  const server = new Server1(INFO);
  server.registerTool(TOOL, {}, answer);
  const client = new Client1(INFO);
  const [near, far] = Memory1.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(wrap(near))]);
  return client as unknown as Callable;
};

const connect2: Connect = async (wrap = asItIs) => {
  const server = new Server2(INFO);
  server.registerTool(TOOL, {}, answer);
  const client = new Client2(INFO);
  const [near, far] = Memory2.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(wrap(near))]);
  return client as unknown as Callable;
};

/** A price, so that the budget holds money for each call. */
const OPTIONS = { server: "bench", costs: { [TOOL]: 0.000_1 } };
const through = (used: Callable) => () => used.callTool({ name: TOOL, arguments: {} });

async function measureClient(
  sdk: string,
  hook: string,
  connect: Connect,
  guard: Guard,
): Promise<Measured[]> {
  const client = await connect();
  return measureBeyondEmpty(`${sdk}: ${hook}`, `${sdk}: callTool, server in memory`, {
    bare: through(client),
    empty: through(emptyHook(client)),
    control: through(emptyHook(client)),
    guarded: through(guardClient(client, guard, OPTIONS)),
  });
}

async function measureTransport(sdk: string, connect: Connect): Promise<Measured[]> {
  const guard = newGuard();
  return measureBeyondEmpty(`${sdk}: guardTransport`, `${sdk}: callTool, transport in memory`, {
    bare: through(await connect()),
    empty: through(await connect(emptyTransport)),
    control: through(await connect(emptyTransport)),
    guarded: through(await connect((transport) => guardTransport(transport, guard, OPTIONS))),
  });
}

function partsOf(sdk: string, connect: Connect): readonly Part[] {
  const full = "guardClient, 5 limits and breaker,";
  return [
    () => measureClient(sdk, "guardClient", connect, newGuard()),
    () => measureClient(sdk, full, connect, newFullGuard()),
    () => measureTransport(sdk, connect),
  ];
}

/** A client and a server of SDK generation 1 in one process: no wire, so the guard shows most. */
export const mcp1Parts: readonly Part[] = partsOf("SDK 1", connect1);

/** The same with generation 2. */
export const mcp2Parts: readonly Part[] = partsOf("SDK 2", connect2);
