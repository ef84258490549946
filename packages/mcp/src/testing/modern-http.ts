import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { createModernServer } from "./modern.ts";

/** A real server over Streamable HTTP that speaks the modern protocol. */
export interface ModernHttpServer {
  readonly url: URL;
  /** How often a tool ran: once a round. */
  rounds(): number;
  /** Requests whose stream the client closed before they were answered. */
  cut(): number;
  close(): Promise<void>;
}

/** Serves the tools of `createModernServer` on a loopback port. */
export async function serveModernHttp(): Promise<ModernHttpServer> {
  let rounds = 0;
  let cut = 0;
  const handler = createMcpHandler(() =>
    createModernServer(() => {
      rounds += 1;
    }),
  );
  const web = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) cut += 1;
    });
    void serve(request, response);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const { port } = web.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  return {
    url,
    rounds: () => rounds,
    cut: () => cut,
    async close() {
      await handler.close();
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const stop = new AbortController();
    response.on("close", () => stop.abort());
    const answer = await handler.fetch(
      new Request(url, {
        method: request.method ?? "GET",
        headers: request.headers as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
        signal: stop.signal,
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    if (answer.body === null) return void response.end();
    Readable.fromWeb(answer.body as never)
      .on("error", () => response.destroy())
      .pipe(response);
  }
}
