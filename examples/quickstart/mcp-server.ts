import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

/** A shop's MCP server over stdio, with one tool that reads and one that can fail. */
const server = new McpServer({ name: "shop", version: "1.0.0" });

server.registerTool(
  "lookup_order",
  { description: "Looks up an order by its id.", inputSchema: { id: z.string() } },
  ({ id }) => ({
    content: [{ type: "text", text: JSON.stringify({ id, status: "delivered", totalUsd: 42 }) }],
  }),
);

server.registerTool(
  "refund",
  { description: "Refunds an amount, up to $100.", inputSchema: { amountUsd: z.number() } },
  ({ amountUsd }) =>
    amountUsd > 100
      ? { isError: true, content: [{ type: "text", text: "Refunds over $100 need a human." }] }
      : { content: [{ type: "text", text: `Refunded $${amountUsd}.` }] },
);

await server.connect(new StdioServerTransport());
