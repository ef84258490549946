import { McpServer } from "@modelcontextprotocol/server";
import { registerTools, type ServerLog } from "./tools.ts";

/** A server of SDK generation 2 with the tools of `registerTools`. */
export function createServer2(): { readonly server: McpServer; readonly log: ServerLog } {
  const server = new McpServer({ name: "server-2", version: "1.0.0" });
  const log = registerTools((name, config, run) => {
    server.registerTool(name, config, (args, { mcpReq }) => run(args, mcpReq.signal));
  });
  return { server, log };
}
