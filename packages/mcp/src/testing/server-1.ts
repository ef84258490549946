import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { registerTools, type ServerLog } from "./tools.ts";

/** A server of SDK generation 1 with the tools of `registerTools`. */
export function createServer1(): { readonly server: McpServer; readonly log: ServerLog } {
  const server = new McpServer({ name: "server-1", version: "1.0.0" });
  const log = registerTools((name, config, run) => {
    server.registerTool(name, config, (args, { signal }) => run(args, signal));
  });
  return { server, log };
}
