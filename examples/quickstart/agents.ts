import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel, guardTools } from "@burnrate/ai-sdk";
import { guardMiddleware } from "@burnrate/langchain";
import { guardClient } from "@burnrate/mcp";
import { ChatOpenAI } from "@langchain/openai";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { isStepCount, streamText, ToolLoopAgent, tool } from "ai";
import type { Guard } from "burnrate";
import { createAgent, tool as langchainTool } from "langchain";
import { z } from "zod";

/** Where the agents' model is, and which one. */
export interface ModelEndpoint {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly model: string;
}

/** One agent of the demo: what it is made with, and what it does. */
export interface DemoAgent {
  readonly name: string;
  readonly framework: string;
  readonly story: string;
  /** `say` tells the reader of the demo what somebody outside of the agent does. */
  run(guard: Guard, endpoint: ModelEndpoint, say: (line: string) => void): Promise<void>;
}

/** An agent whose model never answers is given up after this long. */
const LONGEST_MS = 30_000;

/** LangChain's createAgent: looks an order up, answers, done. */
const supportAgent: DemoAgent = {
  name: "support",
  framework: "langchain",
  story: "answers a customer and stops by itself",
  async run(guard, { baseURL, apiKey, model }) {
    const lookupOrder = langchainTool(({ id }: { id: string }) => `order ${id}: delivered`, {
      name: "lookup_order",
      description: "Looks up an order.",
      schema: z.object({ id: z.string() }),
    });
    const agent = createAgent({
      model: new ChatOpenAI({
        model,
        apiKey,
        maxRetries: 0,
        configuration: { baseURL, defaultHeaders: { "x-agent": "support" } },
      }),
      tools: [lookupOrder],
      middleware: [guardMiddleware(guard)],
    });
    await agent.invoke(
      { messages: [{ role: "user", content: "Where is order 7?" }] },
      { recursionLimit: 1_000, signal: AbortSignal.timeout(LONGEST_MS) },
    );
  },
};

/** The AI SDK's ToolLoopAgent: no answer ever satisfies it, so it would loop for ever. */
const researchAgent: DemoAgent = {
  name: "research",
  framework: "ai-sdk",
  story: "loops, until its task budget stops it",
  async run(guard, endpoint) {
    const agent = new ToolLoopAgent({
      model: guardModel(openAiCompatible(endpoint, "research"), guard),
      tools: guardTools(
        {
          search: tool({
            description: "Searches the web.",
            inputSchema: z.object({ query: z.string() }),
            execute: async ({ query }) => `nothing found for ${query}`,
          }),
        },
        guard,
      ),
      stopWhen: isStepCount(1_000),
      maxRetries: 0,
    });
    const abortSignal = AbortSignal.timeout(LONGEST_MS);
    for (let round = 0; round < 1_000; round++) {
      await agent.generate({ prompt: "Find the meaning of everything.", abortSignal });
    }
  },
};

/** An agent with an MCP server over stdio: someone pulls the switch while it streams. */
const writerAgent: DemoAgent = {
  name: "writer",
  framework: "mcp",
  story: "uses an MCP server, and is killed while it streams",
  async run(guard, endpoint, say) {
    const client = guardClient(new Client({ name: "writer", version: "1.0.0" }), guard, {
      server: "shop",
      costs: { lookup_order: 0.0001 },
    });
    const script = new URL("./mcp-server.ts", import.meta.url).pathname;
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [script] }));
    try {
      const order = await client.callTool({ name: "lookup_order", arguments: { id: "7" } });
      await client.callTool({ name: "refund", arguments: { amountUsd: 500 } });
      const failure = await writeUntilKilled(guard, endpoint, {
        order: JSON.stringify(order.content),
        onKill: () => say("  on-call pulls the kill switch"),
      });
      // A kill sticks: an agent that goes on all the same is refused, and so is this call.
      if (failure !== undefined)
        await client.callTool({ name: "refund", arguments: { amountUsd: 5 } });
    } finally {
      await client.close();
    }
  },
};

async function writeUntilKilled(
  guard: Guard,
  endpoint: ModelEndpoint,
  { order, onKill }: { readonly order: string; readonly onKill: () => void },
): Promise<unknown> {
  let failure: unknown;
  const result = streamText({
    model: guardModel(openAiCompatible(endpoint, "writer"), guard),
    prompt: `Write a long letter about this order: ${order}`,
    maxRetries: 0,
    abortSignal: AbortSignal.timeout(LONGEST_MS),
    onError: ({ error }) => {
      failure = error;
    },
  });
  let killed = false;
  for await (const _ of result.textStream) {
    if (killed) continue;
    killed = true;
    onKill();
    await guard.kill(
      { agent: "writer" },
      { reason: "the letter is wrong", by: "on-call", level: "abort" },
    );
  }
  if (!killed && failure !== undefined) throw failure;
  return failure;
}

function openAiCompatible({ baseURL, apiKey, model }: ModelEndpoint, agent: string) {
  const provider = createOpenAICompatible({
    name: "openai",
    baseURL,
    apiKey,
    includeUsage: true,
    headers: { "x-agent": agent },
  });
  return provider(model);
}

/** One behaves, one loops, one is killed. */
export const demoAgents: readonly DemoAgent[] = [supportAgent, researchAgent, writerAgent];
