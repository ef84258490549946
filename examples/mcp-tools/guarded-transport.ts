import { createMCPClient, type MCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { guardTransport } from "@burnrate/mcp";
import type { Guard } from "burnrate";
import { command } from "./command.ts";

/** The AI SDK makes its own client: its transport is guarded. */
export function connectAiSdk(guard: Guard): Promise<MCPClient> {
  const transport = guardTransport(new StdioTransport(command), guard, {
    server: "studio",
    costs: { search: 0.01 },
    denyMode: "result", // the model reads a refusal, and goes on without the tool
  });
  return createMCPClient({ transport });
}
