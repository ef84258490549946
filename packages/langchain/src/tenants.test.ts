import { createAgent } from "langchain";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, drain, echo, money, provider, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

const TENANTS = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
const RUNS_EACH = 50;

/**
 * A fetch under which at most 250 requests wait for the head of their answer. A server keeps 511
 * connections that it has not accepted yet; beyond that, a busy machine resets some.
 */
function takingTurns(): typeof fetch {
  let free = 250;
  const waiting: (() => void)[] = [];
  return async (...request) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await fetch(...request);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

test("1,000 runs at once under all hooks: each record is its tenant's, and sums match the bill", async () => {
  const { guard, records, tasks } = watchedGuard({ budgets: ["$50/day", "$5/day per org"] });
  fake.script(({ body }) => {
    const last = (body["messages"] as { role: string }[]).at(-1)?.role;
    if (last === "tool") return undefined;
    return { kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] };
  });
  const undo = guardEverywhere(guard);
  const callback = guardCallback(guard);
  const fetchInTurn = takingTurns();
  const run = (tenant: string, streamed: boolean) => {
    const defaultHeaders = { "x-agent": tenant };
    const model = chat(fake, {
      configuration: { baseURL: fake.url, defaultHeaders, fetch: fetchInTurn },
    });
    const agent = createAgent({
      model: guardModel(model, guard),
      tools: [guardTool(echo, guard)],
      middleware: [guardMiddleware(guard)],
    });
    const input = { messages: [{ role: "user" as const, content: `for ${tenant}` }] };
    return guard.with({ org: tenant }, async () =>
      streamed
        ? drain(await agent.stream(input, { callbacks: [callback], streamMode: "messages" }))
        : agent.invoke(input, { callbacks: [callback] }),
    );
  };
  try {
    const runs = TENANTS.flatMap((_, round) =>
      Array.from({ length: RUNS_EACH }, (_, at) => TENANTS[(round + at) % TENANTS.length] ?? ""),
    );
    await Promise.all(runs.map((tenant, index) => run(tenant, index % 3 === 0)));
  } finally {
    undo();
  }
  await fake.idle();
  expect(records).toHaveLength(TENANTS.length * RUNS_EACH * 3);
  expect(tasks).toEqual(Array(TENANTS.length * RUNS_EACH).fill("good"));
  const bill = fake.totalsByAgent();
  for (const tenant of TENANTS) {
    const own = records.filter(({ context }) => context.org === tenant);
    expect(own).toHaveLength(RUNS_EACH * 3);
    const cost = own.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
    expect(cost).toBe(bill[tenant]?.billedNanoUsd);
  }
  expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
}, 600_000); // against what hangs: a busy machine has taken two minutes
