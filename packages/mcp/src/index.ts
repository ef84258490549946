export type { GuardClientOptions } from "./check-options.ts";
export { guardClient } from "./guard-client.ts";
export { type GuardTransportOptions, guardTransport } from "./guard-transport.ts";
export type { McpClient } from "./mcp-client.ts";
export type { McpTransport } from "./mcp-transport.ts";
export type { ToolCosts } from "./tool-costs.ts";
