import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFakeProvider } from "@burnrate/core/testing";
import { createGuard, sqliteStore } from "burnrate";

/** Four processes, one budget, one SQLite file: what they spend together beside what was billed. */
const WORKERS = 4;
const BUDGET = "$0.005/day";

interface WorkerReport {
  readonly calls: number;
  readonly spentNanoUsd: number;
  readonly refusal: string;
}

const folder = mkdtempSync(join(tmpdir(), "burnrate-fleet-"));
const path = join(folder, "state.db");
const provider = await startFakeProvider();

function startWorker(): Promise<WorkerReport> {
  const worker = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
    execArgv: ["--conditions=@burnrate/source"],
    env: { ...process.env, BURNRATE_STATE: path, PROVIDER_URL: provider.url, BUDGET },
  });
  return new Promise((resolve, reject) => {
    worker.once("message", (report) => resolve(report as WorkerReport));
    worker.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)));
  });
}

const dollars = (nanoUsd: number): string => `$${(nanoUsd / 1e9).toFixed(7)}`;

console.log(`${WORKERS} processes spend from one budget of ${BUDGET}, each as fast as it can.\n`);
const reports = await Promise.all(Array.from({ length: WORKERS }, startWorker));
const rows = reports.map(({ calls, spentNanoUsd, refusal }, index) => ({
  process: `worker ${index + 1}`,
  calls,
  spent: dollars(spentNanoUsd),
  "ended by": refusal,
}));
console.table(rows);

const guard = createGuard({ budgets: [BUDGET], store: sqliteStore({ path }) });
const [account] = await guard.budgets();
await guard.close();
const billed = provider.totals().billedNanoUsd;
await provider.close();
rmSync(folder, { recursive: true });

if (account === undefined) throw new Error("the budget has no account");
const { limit, settled, held, leased, unknown } = account;
const spent = reports.reduce((sum, report) => sum + report.spentNanoUsd, 0);
console.log(`limit                ${dollars(limit)}`);
console.log(`the workers' records ${dollars(spent)}`);
console.log(`our ledger           ${dollars(settled)}`);
console.log(`the provider billed  ${dollars(billed)}`);
console.log(`used                 ${((settled / limit) * 100).toFixed(1)} %, and nothing over it`);
const isRight = billed === settled && spent === settled && settled <= limit;
if (!isRight || held + leased + unknown > 0) {
  console.error("The books do not agree.");
  process.exitCode = 1;
}
