import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { startFakeProvider } from "@burnrate/core/testing";
import { guardMiddleware } from "@burnrate/langchain";
import { guardClient } from "@burnrate/mcp";
import { ChatOpenAI } from "@langchain/openai";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { generateText } from "ai";
import { createGuard, findGuardError } from "burnrate";
import { createAgent } from "langchain";

/** What an application sees of the guard in each framework; README shows what this prints. */
const provider = await startFakeProvider();
const baseURL = provider.url;
const TOOLS = { id: "tools", match: { kind: "tool" }, limit: { calls: 2 }, window: "day" } as const;
const guard = createGuard({ budgets: ["$0.002/day", TOOLS], store: "memory" });
let calls = 0;
guard.on("call-settled", () => calls++);

/** Prints the refusal that ends something, however the framework wrapped it. */
async function show(framework: string, run: () => Promise<unknown>): Promise<void> {
  calls = 0;
  for (;;) {
    try {
      await run();
    } catch (error) {
      const refusal = findGuardError(error);
      if (refusal === undefined) throw error;
      console.log(`${framework}, after ${calls} calls: ${refusal.name}: ${refusal.message}\n`);
      return;
    }
  }
}

const openai = createOpenAICompatible({
  name: "openai",
  baseURL,
  apiKey: "none",
  includeUsage: true,
});
const model = guardModel(openai("gpt-5-mini"), guard);
await show("AI SDK", () => generateText({ model, prompt: "Hello", maxOutputTokens: 900 }));

const agent = createAgent({
  model: new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    maxTokens: 500,
    configuration: { baseURL },
  }),
  tools: [],
  middleware: [guardMiddleware(guard)],
});
await show("LangChain", () => agent.invoke({ messages: [{ role: "user", content: "Hello" }] }));

const server = new McpServer({ name: "shop", version: "1.0.0" });
server.registerTool("search", {}, async () => ({ content: [{ type: "text", text: "a lamp" }] }));
const [near, far] = InMemoryTransport.createLinkedPair();
const client = guardClient(new Client({ name: "app", version: "1.0.0" }), guard, {
  server: "shop",
});
await Promise.all([server.connect(far), client.connect(near)]);
await show("MCP", () => client.callTool({ name: "search" }));

for (const { id, unit, limit, settled, state } of await guard.budgets()) {
  console.log(`${id}: ${settled} of ${limit} ${unit === "usd" ? "nano-dollars" : unit}, ${state}`);
}
await Promise.all([client.close(), provider.close(), guard.close()]);
