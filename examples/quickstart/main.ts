import { parseArgs } from "node:util";
import { createGuard, type Evaluator, findGuardError, type Guard } from "burnrate";
import { type DemoAgent, demoAgents } from "./agents.ts";
import { narrate } from "./narrate.ts";
import { printReport } from "./print-report.ts";
import { openProvider } from "./provider.ts";
import { type AgentEvents, isRight, reportAgent } from "./report.ts";

const { json, live } = readFlags();
const say = json ? () => undefined : (line: string) => console.log(line);

/** A check on every answer, with one plain rule. */
const noApology: Evaluator = {
  name: "no-apology",
  on: "model",
  mode: "background",
  evaluate: ({ output }) => ({ passed: !JSON.stringify(output ?? "").includes("sorry") }),
};

const provider = await openProvider(live);
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
if (!json) narrate(guard, say);

let failures = 0;
for (const agent of demoAgents) await runAgent(guard, agent);
const billed = await provider.billed();
await provider.close();
await guard.close();

const reports = demoAgents.map((agent) => {
  const seen = events.get(agent.name) as AgentEvents;
  const report = reportAgent(agent, seen, billed === undefined ? null : (billed[agent.name] ?? 0));
  return { ...report, right: isRight(report, seen) };
});
if (json) console.log(JSON.stringify({ agents: reports.map(({ right: _, ...report }) => report) }));
else printReport(reports, guard.metrics());
process.exitCode = failures === 0 && reports.every(({ right }) => right) ? 0 : 1;

async function runAgent(guard: Guard, agent: DemoAgent): Promise<void> {
  say(`${agent.name} (${agent.framework}) ${agent.story}`);
  try {
    await guard.task({ name: agent.name, agent: agent.name }, () =>
      agent.run(guard, provider.endpoint, say),
    );
    say("  finished by itself\n");
  } catch (error) {
    const refusal = findGuardError(error);
    if (refusal === undefined) {
      failures++;
      console.error(`${agent.name} failed: ${error instanceof Error ? error.message : error}`);
    }
    say(refusal === undefined ? "" : `  stopped: ${refusal.message}\n`);
  }
}

function readFlags(): { json: boolean; live: boolean } {
  const boolean = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ options: { json: boolean, live: boolean } });
    if (!values.live || process.env["OPENAI_API_KEY"]) return values;
    throw new Error("--live uses the real provider and needs OPENAI_API_KEY.");
  } catch (error) {
    console.error(`${(error as Error).message} Usage: pnpm demo [--json] [--live]`);
    process.exit(2);
  }
}
