import { startFakeProvider } from "@burnrate/core/testing";
import { guardCallback } from "@burnrate/langchain";
import { ChatOpenAI } from "@langchain/openai";
import { createGuard, findGuardError } from "burnrate";
import { researchGraph } from "./graph.ts";

/** A graph under one guard, which its callers hand in: no node is changed. */
const provider = await startFakeProvider();
const budget = "6 calls/day";
const guard = createGuard({ budgets: ["$1/day per org", budget], store: "memory" });
const graph = researchGraph(
  new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: provider.url },
    maxTokens: 500, // a callback cannot set a limit: the request brings its own
    maxRetries: 0,
  }),
);

async function run(org: string) {
  const tasks = new Set<string | undefined>();
  let records = 0;
  let nanoUsd = 0;
  const forget = guard.on("call-settled", ({ context, costNanoUsd }) => {
    if (context.org !== org) return;
    tasks.add(context.task);
    records += 1;
    nanoUsd += costNanoUsd ?? 0;
  });
  const sentBefore = provider.requestCount();
  const got = await guard.with({ org }, () =>
    graph.invoke({ topic: "foxes" }, { callbacks: [guardCallback(guard)] }).then(
      ({ report }) => `a report of ${report.length} characters`,
      (error: unknown) => {
        const refusal = findGuardError(error); // also in the AggregateError of nodes side by side
        return refusal === undefined ? String(error) : `${refusal.name} ${refusal.code}`;
      },
    ),
  );
  forget();
  const sent = provider.requestCount() - sentBefore;
  return { org, got, "requests sent": sent, records, tasks: tasks.size, nanoUsd };
}

try {
  const rows = [await run("acme"), await run("bolt"), await run("acme")];
  await guard.setBudget(budget, { limit: { calls: 100 } }, { reason: "more", by: "on-call" });
  rows.push(await run("acme"));
  console.table(rows);
  const charged = rows.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
  if (charged !== provider.billedNanoUsd()) throw new Error("not as billed");
} finally {
  await guard.close();
  await provider.close();
}
