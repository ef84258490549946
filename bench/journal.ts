import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuard, fileJournal, type Guard, sqliteStore } from "burnrate";
import { THREE_BUDGETS } from "./guards.ts";
import { type Measured, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const CALLS = quick ? 2_000 : 20_000;

/** Microseconds of a call that spends from leases. */
async function microsOf(guard: Guard): Promise<number> {
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const request = { kind: "model", provider: "openai", name: "gpt-5", estimate } as const;
  const startedMs = performance.now();
  for (let call = 0; call < CALLS; call++) {
    const permit = await guard.begin(request);
    permit.dispatched();
    await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
  }
  return ((performance.now() - startedMs) / CALLS) * 1_000;
}

/** What it costs to write twice to a file, once before a call and once after it. */
function bareMicros(path: string): number {
  const line = `${"x".repeat(149)}\n`;
  const file = openSync(path, "ax");
  const startedMs = performance.now();
  for (let call = 0; call < CALLS; call++) {
    writeSync(file, line);
    writeSync(file, line);
  }
  closeSync(file);
  return ((performance.now() - startedMs) / CALLS) * 1_000;
}

/** A call with and without a journal, on SQLite and three budgets, in turns. */
export async function measureJournal(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-"));
  try {
    const store = (name: string) => sqliteStore({ path: join(folder, name) });
    const plain = createGuard({ ...THREE_BUDGETS, store: store("plain.db") });
    const place = join(folder, "journal");
    const journaled = createGuard({
      ...THREE_BUDGETS,
      store: store("journaled.db"),
      journal: fileJournal(place),
    });
    const runs: { plain: number; journaled: number; bare: number; bytes: number }[] = [];
    for (let run = -1; run < RUNS; run++) {
      const figures = {
        plain: await microsOf(plain),
        journaled: await microsOf(journaled),
        bare: bareMicros(join(folder, `bare-${run}`)),
        bytes: Math.max(...readdirSync(place).map((name) => statSync(join(place, name)).size)),
      };
      if (run >= 0) runs.push(figures); // the first one learns the pace
    }
    await Promise.all([plain.close(), journaled.close()]);
    const each = (figure: (run: (typeof runs)[number]) => number): number[] => runs.map(figure);
    return [
      toMeasured(
        "begin + settle from leases, 3 budgets",
        "us/call",
        each((run) => run.plain),
      ),
      toMeasured(
        "  with a journal, beyond that",
        "us/call",
        each((run) => run.journaled - run.plain),
      ),
      toMeasured(
        "  control: to write two lines to a file",
        "us/call",
        each((run) => run.bare),
      ),
      toMeasured(
        `  the file after ${CALLS} calls and more`,
        "KB",
        each((run) => run.bytes / 1_000),
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
