import { guardMiddleware } from "@burnrate/langchain";
import { ChatOpenAI } from "@langchain/openai";
import { createGuard, findGuardError } from "burnrate";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import { openProvider } from "./provider.ts";

/** An agent with one line more: it answers, is stopped when it loops, and can be killed. */
const provider = await openProvider();
const guard = createGuard({
  budgets: ["$0.10/task"],
  limits: { repeatedToolCall: { alertAt: 3, refuseAt: 5 } },
  store: "memory",
});

const lookUpOrder = tool(({ id }) => `order ${id}: delivered`, {
  name: "lookup_order",
  description: "Finds an order",
  schema: z.object({ id: z.string() }),
});

const agent = createAgent({
  model: new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: provider.url },
  }),
  tools: [lookUpOrder],
  middleware: [guardMiddleware(guard)], // the line
});

async function run(question: string) {
  const calls = { model: 0, tool: 0 };
  let nanoUsd = 0;
  const forget = guard.on("call-settled", ({ kind, costNanoUsd }) => {
    calls[kind] += 1;
    nanoUsd += costNanoUsd ?? 0;
  });
  const billedBefore = provider.billedNanoUsd();
  const got = await ask(question);
  forget();
  const billed = provider.billedNanoUsd() - billedBefore;
  return { question, got, "model calls": calls.model, "tool calls": calls.tool, nanoUsd, billed };
}

async function ask(question: string): Promise<string> {
  try {
    const { messages } = await guard.task({ name: "order", agent: "support" }, () =>
      agent.invoke({ messages: [{ role: "user", content: question }] }, { recursionLimit: 100 }),
    );
    return String(messages.at(-1)?.content);
  } catch (error) {
    const refusal = findGuardError(error);
    if (refusal === undefined) throw error;
    return `${refusal.name} ${refusal.code}`;
  }
}

try {
  const rows = [await run("Where is order 7?"), await run("Look it up for ever")];
  await guard.kill({ agent: "support" }, { reason: "it loops", by: "on-call" });
  rows.push(await run("Where is order 7 now?"));
  console.table(rows);
  if (rows.some(({ nanoUsd, billed }) => nanoUsd !== billed)) throw new Error("not as billed");
} finally {
  await guard.close();
  await provider.close();
}
