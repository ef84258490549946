import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { createServer2 } from "./server-2.ts";

await createServer2().server.connect(new StdioServerTransport());
