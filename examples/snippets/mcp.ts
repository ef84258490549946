import { guardClient } from "@burnrate/mcp";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { guard } from "./guard.ts";

export const client = guardClient(new Client({ name: "app", version: "1.0.0" }), guard, {
  server: "shop",
  costs: { search: 0.01 },
});
