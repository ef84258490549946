export type { GuardClientOptions } from "./check-options.ts";
export { guardClient } from "./guard-client.ts";
export type { McpClient } from "./mcp-client.ts";
export type { ToolCosts } from "./tool-costs.ts";
