import { strictEqual } from "node:assert/strict";
import { guardMiddleware } from "@burnrate/langchain";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { createGuard, findGuardError } from "burnrate";
import { createAgent } from "langchain";

const guard = createGuard({ budgets: ["10 calls/day"], store: "memory" });
const agent = createAgent({
  model: new FakeListChatModel({ responses: ["hello"] }),
  tools: [],
  middleware: [guardMiddleware(guard)],
});
const input = { messages: [{ role: "user", content: "Say hello." }] };
const { messages } = await agent.invoke(input);
strictEqual(messages.at(-1)?.content, "hello");
strictEqual((await guard.budgets())[0]?.settled, 1);
await guard.kill("everything", { reason: "the check is over", by: "consumer" });
const refusal = await agent.invoke(input).catch((error: unknown) => error);
strictEqual(findGuardError(refusal)?.code, "BR1001");
await guard.close();
