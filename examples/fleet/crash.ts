import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startFakeProvider } from "@burnrate/core/testing";
import { type BudgetStatus, createGuard, fileJournal, sqliteStore } from "burnrate";

/** Two processes are killed while they spend, one of them with a journal: what is known after it. */
const BUDGET = "$0.05/day";
const CALLS = 40;

const folder = mkdtempSync(join(tmpdir(), "burnrate-crash-"));

/** What the store knows once a crashed process has a successor, beside what was billed. */
interface Aftermath {
  readonly account: BudgetStatus;
  readonly billed: number;
}

async function crash(name: string, journal?: string): Promise<Aftermath> {
  const provider = await startFakeProvider();
  const path = join(folder, `${name}.db`);
  const worker = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
    execArgv: ["--conditions=@burnrate/source"],
    env: {
      ...process.env,
      BURNRATE_STATE: path,
      BURNRATE_JOURNAL: journal ?? "",
      PROVIDER_URL: provider.url,
      BUDGET,
    },
  });
  while (provider.requestCount() < CALLS && worker.exitCode === null) await setTimeout(1);
  worker.kill("SIGKILL");
  await once(worker, "exit");
  await provider.idle();
  const guard = createGuard({
    budgets: [BUDGET],
    store: sqliteStore({ path }),
    ...(journal !== undefined && { journal: fileJournal(journal) }),
  });
  guard.on("journal-replayed", ({ leases }) =>
    console.log(`Its successor found the journal, and gave back ${leases} of its leases.\n`),
  );
  const [account] = await guard.budgets();
  await guard.close();
  const { billedNanoUsd: billed } = provider.totals();
  await provider.close();
  if (account === undefined) throw new Error("the budget has no account");
  return { account, billed };
}

const dollars = (nanoUsd: number): string => `$${(nanoUsd / 1e9).toFixed(7)}`;
const row = ({ account, billed }: Aftermath) => ({
  "the provider billed": dollars(billed),
  settled: dollars(account.settled),
  unknown: dollars(account.unknown),
  "still leased": dollars(account.leased),
});

console.log(`Two processes spend from ${BUDGET}, one call after the other; kill -9 ends them.\n`);
const without = await crash("without");
const journaled = await crash("with", join(folder, "journal"));
rmSync(folder, { recursive: true });
console.table({ "without a journal": row(without), "with a journal": row(journaled) });
console.log(
  "Leased money of a process that crashed becomes unknown after ten seconds: it may have been billed.\nA journal knows all but the call that was in flight.",
);

const { account, billed } = journaled;
const isExact = account.settled <= billed && billed <= account.settled + account.unknown;
const { leased, unknown } = without.account;
if (!isExact || account.leased + account.held > 0 || leased + unknown === 0) {
  console.error("The books do not agree.");
  process.exitCode = 1;
}
