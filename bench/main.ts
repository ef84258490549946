import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, machine, type Part, quick, versionsOf, writeResults } from "./measure.ts";
import { missedRows, misses } from "./missed.ts";

interface Suite {
  readonly name: string;
  /** Packages whose versions the figures depend on. */
  readonly frameworks: readonly string[];
  /** More than one part: each runs in a process of its own, as one hook does in a user's. */
  readonly load: () => Promise<readonly Part[]>;
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
    load: async () => (await import("./core.ts")).coreParts,
  },
  {
    name: "ai-sdk",
    frameworks: ["ai"],
    load: async () => (await import("./ai-sdk.ts")).aiSdkParts,
  },
  {
    name: "langchain",
    frameworks: ["@langchain/core", "langchain"],
    load: async () => (await import("./langchain.ts")).langChainParts,
  },
  {
    name: "first-text",
    frameworks: [
      "ai",
      "@ai-sdk/openai-compatible",
      "@langchain/core",
      "@langchain/openai",
      "opossum",
    ],
    load: async () => (await import("./first-text.ts")).firstTextParts,
  },
  {
    name: "clients",
    frameworks: ["ai", "@ai-sdk/openai-compatible", "@langchain/core", "@langchain/openai"],
    load: async () => (await import("./clients.ts")).clientParts,
  },
  {
    name: "mcp-1",
    frameworks: ["@modelcontextprotocol/sdk"],
    load: async () => (await import("./mcp.ts")).mcp1Parts,
  },
  {
    name: "mcp-2",
    frameworks: ["@modelcontextprotocol/client"],
    load: async () => (await import("./mcp.ts")).mcp2Parts,
  },
  {
    name: "sqlite",
    frameworks: [],
    load: async () => [(await import("./sqlite.ts")).measureSqlite],
  },
  {
    name: "journal",
    frameworks: [],
    load: async () => [(await import("./journal.ts")).measureJournal],
  },
  {
    name: "redis",
    frameworks: ["redis"],
    load: async () => [(await import("./redis.ts")).measureRedis],
  },
  {
    name: "postgres",
    frameworks: ["pg"],
    load: async () => [(await import("./postgres.ts")).measurePostgres],
  },
  {
    name: "kill",
    frameworks: ["redis", "pg"],
    load: async () => [(await import("./kill.ts")).measureKill],
  },
  {
    name: "evaluators",
    frameworks: [],
    load: async () => [(await import("./evaluators.ts")).measureEvaluators],
  },
  {
    name: "redis-peers",
    frameworks: ["redis", "llm-budget", "rate-limiter-flexible"],
    load: async () => [(await import("./redis-peers.ts")).measureRedisPeers],
  },
  {
    name: "peers",
    frameworks: PEER_PACKAGES,
    load: async () => {
      const { measurePeers, toRows } = await import("./peers/measure-peers.ts");
      const { toTable } = await import("./peers/table.ts");
      const part = async (): Promise<Measured[]> => {
        const measured = await measurePeers();
        console.log(`\n${toTable(measured, versionsOf(PEER_PACKAGES))}\n`);
        return toRows(measured);
      };
      return [part];
    },
  },
  {
    name: "slo",
    frameworks: [],
    load: async () => [(await import("./slo.ts")).measureSlo],
  },
  {
    name: "exporters",
    frameworks: ["@opentelemetry/api"],
    load: async () => [(await import("./exporters.ts")).measureExporters],
  },
  {
    name: "slo-pages",
    frameworks: [],
    load: async () => [(await import("./slo-pages.ts")).measureSloPages],
  },
  {
    name: "keys",
    frameworks: [],
    load: async () => [(await import("./keys.ts")).measureKeys],
  },
  {
    name: "growth",
    frameworks: [],
    load: async () => [(await import("./growth.ts")).measureGrowth],
  },
  {
    name: "heap",
    frameworks: [],
    load: async () => [(await import("./heap.ts")).measureHeap],
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
  const missed = missedRows();
  if (missed.length === 0) console.log("No row is on the wrong side of a promise with a figure.");
  const places = Object.groupBy(missed, ({ suite, cpu }) => `${suite}, ${cpu}`);
  for (const [place, rows = []] of Object.entries(places)) {
    console.log(`\n${place}`);
    for (const row of rows) printMeasured(row);
  }
}

async function runSuite({ name, frameworks, load }: Suite): Promise<void> {
  const versions = Object.entries(versionsOf(frameworks)).map((entry) => entry.join(" "));
  console.log(`\n${[name, ...versions].join(", ")}`);
  const results: Measured[] = [];
  for (const part of (await load()).keys()) {
    const rows = runApart(name, part);
    for (const row of rows) printMeasured(row);
    results.push(...rows);
  }
  if (!quick) writeResults(name, results, frameworks);
}

/**
 * Each part in a process of its own: what one leaves in heap and compiler is not in another's
 * figures.
 */
function runApart(suite: string, part: number): readonly Measured[] {
  const flags = quick ? ["--quick"] : [];
  const script = fileURLToPath(import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-"));
  const place = join(folder, "rows.json");
  try {
    const options = [`--only=${suite}`, `--part=${part}`, `--to=${place}`, ...flags];
    const command = [...process.execArgv, script, ...options];
    const { status } = spawnSync(process.execPath, command, { stdio: "inherit" });
    if (status !== 0) throw new Error(`the suite ${suite} failed`);
    return toRows(JSON.parse(readFileSync(place, "utf8")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** JSON has no word for what is no number. */
function toRows(rows: readonly (Measured & { readonly median: number | null })[]): Measured[] {
  return rows.map((row) => ({ ...row, median: row.median ?? Number.NaN }));
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
const option = (name: string): string | undefined =>
  given.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option("only");
if (given.includes("--missed")) printMissed();
else if (only !== undefined) {
  const part = (await suiteNamed(only).load())[Number(option("part"))];
  writeFileSync(option("to") ?? "", JSON.stringify(await part?.()));
} else {
  const chosen = given.filter((argument) => !argument.startsWith("-")).map(suiteNamed);
  printMachine();
  for (const suite of chosen.length === 0 ? suites : chosen) await runSuite(suite);
}
