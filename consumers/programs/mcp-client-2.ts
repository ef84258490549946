import { strictEqual } from "node:assert/strict";
import { guardClient } from "@burnrate/mcp";
import { Client } from "@modelcontextprotocol/client";
import { createGuard, findGuardError } from "burnrate";

const guard = createGuard({ budgets: ["10 calls/day"], store: "memory" });
const bare = new Client({ name: "consumer", version: "1.0.0" });
const client: Client = guardClient(bare, guard, { server: "shop", costs: { search: 0.01 } });
await guard.kill({ tool: "search" }, { reason: "the check is over", by: "consumer" });
const refusal = await client.callTool({ name: "search" }).catch((error: unknown) => error);
strictEqual(findGuardError(refusal)?.code, "BR1001");
await guard.close();
