import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { acceptedContent, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import type { McpTransport } from "../mcp-transport.ts";

/** A client and a server that speak the modern protocol, 2026-07-28. */
export interface ModernWorld {
  readonly client: Client;
  /** How often the tool ran: once a round. */
  rounds(): number;
  close(): Promise<void>;
}

const info = { name: "modern", version: "1.0.0" };
const answer = z.object({ yes: z.boolean() });

/**
 * A server whose tool `deploy` asks before it runs: by a question, or, for `later`, by a note alone
 * that says that it must be asked again.
 */
export function createModernServer(onRound: () => void = () => undefined): McpServer {
  const server = new McpServer(info);
  const inputSchema = z.object({ to: z.string() });
  server.registerTool("deploy", { inputSchema }, async ({ to }, { mcpReq }) => {
    onRound();
    if (to === "later" && mcpReq.requestState() === undefined) {
      return inputRequired({ requestState: "again" });
    }
    const said = acceptedContent(mcpReq.inputResponses, "sure", answer);
    if (to !== "later" && said?.yes !== true) {
      const message = `Deploy to ${to}?`;
      const question = inputRequired.elicit({ message, requestedSchema: answer });
      return inputRequired({ inputRequests: { sure: question }, requestState: `asked ${to}` });
    }
    return { content: [{ type: "text", text: `deployed to ${to}` }] };
  });
  server.registerTool("hang", {}, async ({ mcpReq }) => {
    onRound();
    await new Promise((resolve) => mcpReq.signal.addEventListener("abort", resolve));
    return { content: [] };
  });
  return server;
}

/** Options of a client that speaks the modern protocol and answers questions. */
export function createModernClient(agree: (message: string) => Promise<boolean>): Client {
  const client = new Client(info, {
    capabilities: { elicitation: { form: {} } },
    versionNegotiation: { mode: "auto" },
  });
  client.setRequestHandler("elicitation/create", async ({ params }) => {
    return (await agree(params.message))
      ? { action: "accept", content: { yes: true } }
      : { action: "decline" };
  });
  return client;
}

/** Connects both in memory. */
export async function modernWorld(
  wrap: <T extends McpTransport>(transport: T) => T,
  agree: (message: string) => Promise<boolean> = async () => true,
): Promise<ModernWorld> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  let rounds = 0;
  const server = serveStdio(
    () =>
      createModernServer(() => {
        rounds += 1;
      }),
    { transport: far },
  );
  const client = createModernClient(agree);
  await client.connect(wrap(near));
  return {
    client,
    rounds: () => rounds,
    async close() {
      await client.close();
      await server.close();
    },
  };
}
