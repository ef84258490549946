import { strictEqual } from "node:assert/strict";
import {
  guardCallback,
  guardEverywhere,
  guardMiddleware,
  guardModel,
  guardTool,
} from "@burnrate/langchain";
import { tool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { createGuard, findGuardError } from "burnrate";

const guard = createGuard({ budgets: ["10 calls/day"], store: "memory" });
const bare = new FakeListChatModel({ responses: ["hello"] });
const model: FakeListChatModel = guardModel(bare, guard);
const { content } = await model.invoke("Say hello.", { callbacks: [guardCallback(guard)] });
strictEqual(content, "hello");
strictEqual((await guard.budgets())[0]?.settled, 1);
const search = guardTool(
  tool(async () => "found", { name: "search", description: "Finds.", schema: { type: "object" } }),
  guard,
);
strictEqual(await search.invoke({}), "found");
guardEverywhere(guard)();
strictEqual(typeof guardMiddleware(guard).name, "string");

await guard.kill("everything", { reason: "the check is over", by: "consumer" });
const refusal = await model.invoke("Once more.").catch((error: unknown) => error);
strictEqual(findGuardError(refusal)?.code, "BR1001");
await guard.close();
