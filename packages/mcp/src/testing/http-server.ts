import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createServer1 } from "./server-1.ts";

/** A real server over Streamable HTTP, and what becomes of the calls that it is sent. */
export interface HttpServer {
  readonly url: URL;
  /**
   * The status that it answers `tools/call` with; undefined: it serves them; `cut`: it hangs up.
   */
  answer: number | "cut" | undefined;
  /** Requests with `tools/call` that reached it. */
  calls: number;
  cancelled(): number;
  close(): Promise<void>;
}

/** Serves the tools of `registerTools` to one client on a loopback port. */
export async function serveHttp(): Promise<HttpServer> {
  const { server: mcp, log } = createServer1();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await mcp.connect(transport as unknown as Parameters<typeof mcp.connect>[0]);
  const web = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const served: HttpServer = {
    url: urlOf(web),
    answer: undefined,
    calls: 0,
    cancelled: () => log.cancelled,
    async close() {
      await mcp.close();
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
    },
  };
  return served;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    if (body?.method === "tools/call") {
      served.calls += 1;
      if (served.answer === "cut") return void response.destroy();
      if (served.answer !== undefined) return void response.writeHead(served.answer).end();
    }
    await transport.handleRequest(request, response, body);
  }
}

function urlOf(web: Server): URL {
  const address = web.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return new URL(`http://127.0.0.1:${address.port}/mcp`);
}

async function readJson(request: IncomingMessage): Promise<{ method?: unknown } | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
