export type { GuardClientOptions, ToolCosts } from "./check-options.ts";
export { guardClient } from "./guard-client.ts";
export type { McpClient } from "./mcp-client.ts";
