import { startFakeProvider } from "@burnrate/core/testing";
import { guardModel } from "@burnrate/langchain";
import { ChatOpenAI } from "@langchain/openai";
import { createGuard, findGuardError, type Guard } from "burnrate";

/** Three ways in which another model answers, and what each attempt is charged. */
const provider = await startFakeProvider();
const chat = (model: string): ChatOpenAI =>
  new ChatOpenAI({
    model,
    apiKey: "none",
    configuration: { baseURL: provider.url },
    maxRetries: 0,
  });

async function attempts(step: string, guard: Guard, ask: () => Promise<unknown>) {
  const rows: {
    step: string;
    called: string;
    because: string;
    outcome: string;
    nanoUsd: number;
  }[] = [];
  const forget = guard.on("call-settled", ({ name, requested, outcome, costNanoUsd }) => {
    const because = requested?.because ?? "asked for";
    rows.push({ step, called: name, because, outcome, nanoUsd: costNanoUsd ?? 0 });
  });
  await ask().catch((error: unknown) => {
    const refusal = findGuardError(error);
    if (refusal !== undefined) {
      rows.push({ step, called: "nothing", because: refusal.code, outcome: "refused", nanoUsd: 0 });
    }
  });
  forget();
  return rows;
}

/** LangChain's own: the second attempt is a call of its own, as it is billed. */
async function withFallbacks() {
  const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
  const model = guardModel(chat("gpt-5"), guard);
  const safe = model.withFallbacks([guardModel(chat("gpt-5-mini"), guard)]);
  provider.next({ kind: "fail", status: 500 });
  const rows = await attempts("withFallbacks", guard, () => safe.invoke("hello"));
  await guard.close();
  return rows;
}

/** Past 70 % of its budget the guard asks for the cheaper model; only the model changes. */
async function downgrade() {
  const guard = createGuard({
    budgets: [
      {
        id: "day",
        limit: { usd: 0.01 },
        window: "day",
        at: [{ fraction: 0.7, do: { downgrade: "cheap" } }],
      },
    ],
    store: "memory",
  });
  const model = guardModel(chat("gpt-5"), guard, { models: { cheap: chat("gpt-5-mini") } });
  provider.next({ kind: "reply", text: "word ".repeat(600) });
  const rows = await attempts("before the threshold", guard, () => model.invoke("tell me a lot"));
  rows.push(...(await attempts("past the threshold", guard, () => model.invoke("hello"))));
  await guard.close();
  return rows;
}

/** While a model's circuit is open, its fallback is called, and nothing waits for a time-out. */
async function breaker() {
  const fallbacks = { "openai/gpt-5": "openai/gpt-5-mini" };
  const guard = createGuard({ breaker: { fallbacks }, store: "memory" });
  const model = guardModel(chat("gpt-5"), guard, { models: { other: chat("gpt-5-mini") } });
  provider.forModel("gpt-5", { kind: "fail", status: 503 });
  const rows = await attempts("an outage", guard, () => model.invoke("hello"));
  for (let count = 0; count < 4; count++) await model.invoke("hello").catch(() => undefined);
  rows.push(...(await attempts("the circuit is open", guard, () => model.invoke("hello"))));
  await guard.close();
  return rows;
}

try {
  const rows = [...(await withFallbacks()), ...(await downgrade()), ...(await breaker())];
  console.table(rows);
  const charged = rows.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
  if (charged !== provider.billedNanoUsd()) throw new Error("not as billed");
} finally {
  await provider.close();
}
