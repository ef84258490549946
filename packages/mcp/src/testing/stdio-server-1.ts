import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createServer1 } from "./server-1.ts";

await createServer1().server.connect(new StdioServerTransport());
