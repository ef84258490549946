import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Measured, machine, quick, versionsOf, writeResults } from "./measure.ts";
import { missedRows, misses } from "./missed.ts";

interface Suite {
  readonly name: string;
  /** Packages whose versions the figures depend on. */
  readonly frameworks: readonly string[];
  readonly run: () => Promise<Measured[]>;
}

const PEER_PACKAGES = [
  "llm-budget",
  "llm-meter",
  "rate-limiter-flexible",
  "@microsoft/agent-governance-sdk",
  "langchain",
  "cockatiel",
  "opossum",
];

const suites: readonly Suite[] = [
  {
    name: "core",
    frameworks: [],
    run: async () => (await import("./core.ts")).measureCore(),
  },
  {
    name: "ai-sdk",
    frameworks: ["ai"],
    run: async () => (await import("./ai-sdk.ts")).measureAiSdk(),
  },
  {
    name: "langchain",
    frameworks: ["@langchain/core", "langchain"],
    run: async () => (await import("./langchain.ts")).measureLangChain(),
  },
  {
    name: "mcp-1",
    frameworks: ["@modelcontextprotocol/sdk"],
    run: async () => (await import("./mcp.ts")).measureMcp1(),
  },
  {
    name: "mcp-2",
    frameworks: ["@modelcontextprotocol/client"],
    run: async () => (await import("./mcp.ts")).measureMcp2(),
  },
  {
    name: "sqlite",
    frameworks: [],
    run: async () => (await import("./sqlite.ts")).measureSqlite(),
  },
  {
    name: "journal",
    frameworks: [],
    run: async () => (await import("./journal.ts")).measureJournal(),
  },
  {
    name: "redis",
    frameworks: ["redis"],
    run: async () => (await import("./redis.ts")).measureRedis(),
  },
  {
    name: "postgres",
    frameworks: ["pg"],
    run: async () => (await import("./postgres.ts")).measurePostgres(),
  },
  {
    name: "kill",
    frameworks: ["redis", "pg"],
    run: async () => (await import("./kill.ts")).measureKill(),
  },
  {
    name: "evaluators",
    frameworks: [],
    run: async () => (await import("./evaluators.ts")).measureEvaluators(),
  },
  {
    name: "redis-peers",
    frameworks: ["redis", "llm-budget", "rate-limiter-flexible"],
    run: async () => (await import("./redis-peers.ts")).measureRedisPeers(),
  },
  {
    name: "peers",
    frameworks: PEER_PACKAGES,
    run: async () => {
      const { measurePeers, toRows } = await import("./peers/measure-peers.ts");
      const { toTable } = await import("./peers/table.ts");
      const measured = await measurePeers();
      console.log(`\n${toTable(measured, versionsOf(PEER_PACKAGES))}\n`);
      return toRows(measured);
    },
  },
  {
    name: "slo",
    frameworks: [],
    run: async () => (await import("./slo.ts")).measureSlo(),
  },
  {
    name: "exporters",
    frameworks: ["@opentelemetry/api"],
    run: async () => (await import("./exporters.ts")).measureExporters(),
  },
  {
    name: "slo-pages",
    frameworks: [],
    run: async () => (await import("./slo-pages.ts")).measureSloPages(),
  },
  {
    name: "keys",
    frameworks: [],
    run: async () => (await import("./keys.ts")).measureKeys(),
  },
  {
    name: "heap",
    frameworks: [],
    run: async () => (await import("./heap.ts")).measureHeap(),
  },
];

const COLUMNS = [17, 13, 25];

function printRow(name: string, figures: readonly string[]): void {
  const columns = figures.map((figure, at) => figure.padStart(COLUMNS[at] ?? 0));
  console.log(`${name.padEnd(76)} ${columns.join(" ")}`);
}

/** Enough digits to compare, not more. */
function format(value: number): string {
  const digits = Math.abs(value) >= 1_000 ? 0 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function printMeasured(row: Measured): void {
  const { name, unit, target = "", median, runs, says } = row;
  const spread =
    runs.length < 2 ? "" : `${format(Math.min(...runs))} – ${format(Math.max(...runs))}`;
  const figure = Number.isNaN(median) ? "—" : format(median);
  const mark = misses(row) ? "missed " : "";
  printRow(unit === "" ? name : `${name}, ${unit}`, [mark + target, figure, says ?? spread]);
}

/** What the committed results say that is not as promised, each with the machine it was seen on. */
function printMissed(): void {
  const places = Object.groupBy(missedRows(), ({ suite, cpu }) => `${suite}, ${cpu}`);
  for (const [place, rows = []] of Object.entries(places)) {
    console.log(`\n${place}`);
    for (const row of rows) printMeasured(row);
  }
}

async function runHere({ name, frameworks, run }: Suite): Promise<void> {
  const versions = Object.entries(versionsOf(frameworks)).map((entry) => entry.join(" "));
  console.log(`\n${[name, ...versions].join(", ")}`);
  const results = await run();
  for (const row of results) printMeasured(row);
  if (!quick) writeResults(name, results, frameworks);
}

/**
 * Each in a process of its own: what one leaves in heap and compiler is not in another's figures.
 */
function runApart({ name }: Suite): void {
  const flags = quick ? ["--quick"] : [];
  const script = fileURLToPath(import.meta.url);
  const options = [...process.execArgv, script, `--only=${name}`, ...flags];
  const { status } = spawnSync(process.execPath, options, { stdio: "inherit" });
  if (status !== 0) throw new Error(`the suite ${name} failed`);
}

function printMachine(): void {
  const { cpu, cores, platform, node } = machine();
  console.log(`${cpu}, ${cores} cores, ${platform}, Node ${node}\n`);
  printRow("what, unit", ["target", "median", "least – most"]);
}

function suiteNamed(name: string): Suite {
  const found = suites.find((suite) => suite.name === name);
  if (found !== undefined) return found;
  throw new Error(`no suite ${name}; there are ${suites.map((suite) => suite.name).join(", ")}`);
}

const given = process.argv.slice(2);
const only = given.find((argument) => argument.startsWith("--only="));
if (given.includes("--missed")) printMissed();
else if (only !== undefined) await runHere(suiteNamed(only.slice("--only=".length)));
else {
  const chosen = given.filter((argument) => !argument.startsWith("-")).map(suiteNamed);
  printMachine();
  for (const suite of chosen.length === 0 ? suites : chosen) runApart(suite);
}
