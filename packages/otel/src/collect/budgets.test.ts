import { createGuard, createMemoryStore, type Guard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { expect, it } from "vitest";
import { otelExporter } from "../otel-exporter.ts";
import { prometheusHandler } from "../prometheus/prometheus-handler.ts";
import { script } from "../testing/scripted.ts";

const DAILY = { id: "daily", limit: { calls: 10 }, window: "day" } as const;

const scrapeOf = async (guard: Guard): Promise<string[]> => {
  const answer = await prometheusHandler(guard)({ method: "GET", headers: new Headers() });
  return (await answer.text()).split("\n").filter((line) => line.startsWith("burnrate_budget_"));
};

it("a scrape says what is spent, held and left of each budget", async () => {
  const { guard, model } = script({}, { budgets: ["$0.01/day", "10 calls/hour"] });
  await model("gpt-5", { usage: { inputTokens: 800, outputTokens: 100 } }); // $0.002
  await guard.begin({ kind: "tool", name: "search", estimate: { usd: 0.003 } });
  const lines = await scrapeOf(guard);
  const dollars = '{budget="$0.01/day",unit="usd"}';
  expect(lines).toContain(`burnrate_budget_limit${dollars} 0.01`);
  expect(lines).toContain(`burnrate_budget_spent${dollars} 0.002`);
  expect(lines).toContain(`burnrate_budget_held${dollars} 0.003`);
  expect(lines).toContain(`burnrate_budget_remaining_ratio${dollars} 0.5`);
  const calls = '{budget="10 calls/hour",unit="calls"}';
  expect(lines).toContain(`burnrate_budget_spent${calls} 1`);
  expect(lines).toContain(`burnrate_budget_remaining_ratio${calls} 0.8`);
});

it("accounts of a dimension are one series, whose fullest account shows", async () => {
  const { guard, model } = script(
    {},
    { budgets: [{ limit: { calls: 4 }, per: "user", id: "a few each", window: "day" }] },
  );
  for (const user of ["ann", "bob", "bob", "bob", "bob"]) {
    await guard.with({ user }, () => model());
  }
  const text = (await scrapeOf(guard)).join("\n");
  expect(text).not.toMatch(/ann|bob/);
  expect(text).toMatch(/^burnrate_budget_spent\{.*\} 5$/m);
  expect(text).toMatch(/^burnrate_budget_remaining_ratio\{.*\} 0$/m);
  expect(text).toMatch(/^burnrate_budget_accounts\{.*state="ok"\} 1$/m);
  expect(text).toMatch(/^burnrate_budget_accounts\{.*state="exhausted"\} 1$/m);
});

it("of guards that share an exporter, budgets of one name and different units stay apart", async () => {
  const exporter = otelExporter();
  const [first, second] = [{ calls: 10 }, { tokens: 1_000 }].map((limit) =>
    createGuard({ exporters: [exporter], budgets: [{ id: "b", limit, window: "day" }] }),
  ) as [Guard, Guard];
  await second.run({ kind: "model", provider: "openai", name: "gpt-5" }, () => ({
    value: 1,
    usage: { inputTokens: 30, outputTokens: 12 },
  }));
  const lines = await scrapeOf(first);
  expect(lines).toContain('burnrate_budget_limit{budget="b",unit="calls"} 10');
  expect(lines).toContain('burnrate_budget_spent{budget="b",unit="tokens"} 42');
});

it("a balance that guards share through their store is told once, and one of another store beside it", async () => {
  const exporter = otelExporter();
  const store = createMemoryStore();
  const guards = [store, store, createMemoryStore()].map((one) =>
    createGuard({ exporters: [exporter], store: one, budgets: [DAILY] }),
  ) as [Guard, Guard, Guard];
  for (const guard of guards) {
    await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  }
  const lines = await scrapeOf(guards[0]);
  expect(lines).toContain('burnrate_budget_spent{budget="daily",unit="calls"} 3');
  expect(lines).toContain('burnrate_budget_accounts{budget="daily",unit="calls",state="ok"} 2');
  expect(lines).toContain('burnrate_budget_remaining_ratio{budget="daily",unit="calls"} 0.8');
});

it("a scrape does not ask for the balances of tasks and sessions", async () => {
  const guard = createGuard({ exporters: [otelExporter()], budgets: [DAILY, "5 calls/task"] });
  for (let task = 0; task < 3; task++) {
    await guard.task({}, () => guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 })));
  }
  const lines = await scrapeOf(guard);
  expect(lines).toContain('burnrate_budget_spent{budget="daily",unit="calls"} 3');
  expect(lines.filter((line) => line.includes("5 calls/task"))).toEqual([]);
});

it("without budgets as an option nobody asks the store", async () => {
  const { guard } = script({ budgets: false }, { budgets: ["$1/day"] });
  expect(await scrapeOf(guard)).toEqual([]);
  expect(() => otelExporter({ budgets: "no" as never })).toThrow(/otelExporter\.budgets/);
});

it("a store that hangs leaves a scrape without balances, after a second at most", async () => {
  const clock = createFakeClock();
  const { guard } = script({}, { budgets: ["$1/day"] }, clock);
  expect(await scrapeOf(guard)).not.toEqual([]);
  guard.budgets = () => new Promise(() => undefined);
  const scrape = prometheusHandler(guard)({ method: "GET", headers: new Headers() });
  clock.advance(1_000);
  const text = await (await scrape).text();
  expect(text).not.toContain("burnrate_budget_");
  expect(text).toContain('burnrate_dropped_total{what="budgetReads"} 1');
});
