import { guardClient, guardTransport } from "@burnrate/mcp";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Guard } from "burnrate";
import { command } from "./command.ts";

/** The front door: the client is guarded. */
export async function connectClient(guard: Guard): Promise<Client> {
  const client = guardClient(new Client({ name: "my-agent", version: "1.0.0" }), guard, {
    server: "studio",
    costs: { search: 0.01, render: 0.5 },
  });
  await client.connect(new StdioClientTransport(command));
  return client;
}

/** Both: the transport is the second line, and counts nothing twice. */
export async function connectBoth(guard: Guard): Promise<{ client: Client; bare: Client }> {
  const options = { server: "studio", costs: { search: 0.01 } };
  const bare = new Client({ name: "my-agent", version: "1.0.0" });
  await bare.connect(guardTransport(new StdioClientTransport(command), guard, options));
  return { client: guardClient(bare, guard, options), bare };
}
