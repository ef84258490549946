import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

/**
 * A real MCP server over stdio that counts what reaches it: one quick tool, and one that never
 * ends.
 */
const server = new McpServer({ name: "studio", version: "1.0.0" });
const runs = { search: 0, render: 0, cancelled: 0 };

server.registerTool("search", { inputSchema: { query: z.string() } }, ({ query }) => {
  runs.search += 1;
  return { content: [{ type: "text", text: `3 pictures of ${query}` }] };
});

server.registerTool("render", {}, async ({ signal, sendNotification, _meta }) => {
  runs.render += 1;
  const progressToken = _meta?.progressToken ?? 0;
  const params = { progressToken, progress: 1, total: 100 };
  await sendNotification({ method: "notifications/progress", params });
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  runs.cancelled += 1;
  return { content: [] };
});

server.registerTool("report", {}, () => ({
  content: [{ type: "text", text: JSON.stringify(runs) }],
}));

await server.connect(new StdioServerTransport());
