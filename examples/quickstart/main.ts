import { parseArgs } from "node:util";
import { createGuard, type Evaluator, findGuardError, type Guard } from "burnrate";
import { type DemoAgent, demoAgents } from "./agents.ts";
import { narrate } from "./narrate.ts";
import { openProvider } from "./provider.ts";
import {
  type AgentEvents,
  type AgentReport,
  dollars,
  isRight,
  printTable,
  reportAgent,
} from "./report.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, live: { type: "boolean", default: false } },
});
const say = values.json ? () => undefined : (line: string) => console.log(line);

/** A check on every answer, with one plain rule. */
const noApology: Evaluator = {
  name: "no-apology",
  on: "model",
  mode: "background",
  evaluate: ({ output }) => ({ passed: !JSON.stringify(output ?? "").includes("sorry") }),
};

const provider = await openProvider(values.live);
const guard = createGuard({
  budgets: ["$1/day", "$0.01/task"],
  evaluators: [noApology],
  reservation: { defaultMaxOutputTokens: 512 },
  store: "memory",
});
say(`burnrate demo: three agents, one guard, ${provider.title}.`);
say("Budgets: $1 a day for all, $0.01 for each task.\n");

const events = new Map<string, AgentEvents>();
for (const { name } of demoAgents) events.set(name, { records: [], refused: [] });
guard.on("call-settled", (r) => events.get(r.context.agent ?? "")?.records.push(r));
guard.on("call-refused", (r) => events.get(r.context.agent ?? "")?.refused.push(r.code));
if (!values.json) narrate(guard, say);

for (const agent of demoAgents) await runAgent(guard, agent);
const billed = await provider.billed();
await provider.close();
await guard.close();

const reports = demoAgents.map((agent) =>
  reportAgent(agent, events.get(agent.name) as AgentEvents, billed && (billed[agent.name] ?? 0)),
);
if (values.json) console.log(JSON.stringify({ agents: reports }));
else printReport(reports);
process.exitCode = reports.every(isRight) ? 0 : 1;

async function runAgent(guard: Guard, agent: DemoAgent): Promise<void> {
  say(`${agent.name} (${agent.framework}) ${agent.story}`);
  try {
    await guard.task({ name: agent.name, agent: agent.name }, () =>
      agent.run(guard, provider.endpoint),
    );
    say("  finished by itself\n");
  } catch (error) {
    const refusal = findGuardError(error);
    if (refusal === undefined) throw error;
    say(`  stopped: ${refusal.message}\n`);
  }
}

function printReport(reports: readonly AgentReport[]): void {
  say("Our ledger beside the provider's (calls of models and tools; money of models alone):");
  printTable(
    [
      "agent",
      "framework",
      "calls",
      "our ledger",
      "provider billed",
      "estimated",
      "refused",
      "books",
    ],
    reports.map((r) => [
      r.name,
      r.framework,
      String(r.calls),
      dollars(r.ledgerNanoUsd),
      dollars(r.providerNanoUsd),
      String(r.estimatedCalls),
      Object.entries(r.refused)
        .map(([code, n]) => `${code} x${n}`)
        .join(", ") || "none",
      bookNote(r),
    ]),
  );
  say("\nService-level indicators and verdicts:");
  const metrics = guard.metrics();
  printTable(
    ["agent", "of", "indicator", "good", "bad", "excluded"],
    metrics.series.flatMap((series) =>
      Object.entries(series.slis)
        .filter(([, counts]) => counts.good + counts.bad + counts.excluded > 0)
        .map(([sli, counts]) => [
          series.agent ?? "",
          series.model ?? series.tool ?? "task",
          sli,
          String(counts.good),
          String(counts.bad),
          String(counts.excluded),
        ]),
    ),
  );
}

function bookNote(report: AgentReport): string {
  if (report.providerNanoUsd === undefined) return "provider keeps no books here";
  if (!isRight(report)) return "WRONG";
  return report.estimatedCalls === 0 ? "equal" : "never below: a cut call is charged in full";
}
