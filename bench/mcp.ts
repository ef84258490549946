import { guardClient } from "@burnrate/mcp";
import { Client as Client2, InMemoryTransport as Memory2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport as Memory1 } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as Server1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as Server2 } from "@modelcontextprotocol/server";
import { createGuard } from "burnrate";
import { type Measured, measureBeyondEmpty } from "./measure.ts";

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

async function connect1(): Promise<Client1> {
  const server = new Server1(INFO);
  server.registerTool(TOOL, {}, answer);
  const client = new Client1(INFO);
  const [near, far] = Memory1.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  return client;
}

async function connect2(): Promise<Client2> {
  const server = new Server2(INFO);
  server.registerTool(TOOL, {}, answer);
  const client = new Client2(INFO);
  const [near, far] = Memory2.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  return client;
}

function measureClient(sdk: string, client: Callable): Promise<Measured[]> {
  const guard = createGuard({ budgets: ["$1000000/day"], store: "memory" });
  const through = (used: Callable) => () => used.callTool({ name: TOOL, arguments: {} });
  // A price, so that the budget holds money for each call.
  const guarded = guardClient(client, guard, { server: "bench", costs: { [TOOL]: 0.000_1 } });
  return measureBeyondEmpty(`${sdk}: guardClient`, `${sdk}: callTool, server in memory`, {
    bare: through(client),
    empty: through(emptyHook(client)),
    control: through(emptyHook(client)),
    guarded: through(guarded),
  });
}

/** A client and a server of SDK generation 1 in one process: no wire, so the guard shows most. */
export async function measureMcp1(): Promise<Measured[]> {
  return measureClient("SDK 1", await connect1());
}

/** The same with SDK generation 2. */
export async function measureMcp2(): Promise<Measured[]> {
  return measureClient("SDK 2", await connect2());
}
