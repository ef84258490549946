import { strictEqual } from "node:assert/strict";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { guardTransport } from "@burnrate/mcp";
import { createGuard } from "burnrate";

const guard = createGuard({ budgets: ["10 calls/day"], store: "memory" });
const bare = new StdioTransport({ command: process.execPath });
const transport: StdioTransport = guardTransport(bare, guard, { server: "shop" });
strictEqual(transport instanceof StdioTransport, true);
await guard.close();
