import { createGuard, type Ledger, type Store } from "burnrate";
import { ACCOUNTS, AMOUNT, accountOf } from "./accounts.ts";
import { THREE_BUDGETS } from "./guards.ts";
import { type Measured, median, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const CALLS = quick ? 10_000 : 100_000;
const ROUNDS = quick ? 10 : 100;

/** Reservations that go out together. */
const BATCH = 64;

/** The least that could be done for a batch. */
export interface Bare {
  /** What it does, as the table says it. */
  readonly name: string;
  /** Holds a batch of reservations with these ids, and ends it. */
  run(ids: readonly string[]): void | Promise<void>;
}

/** Counts what a store is asked. */
function counted({ ledger, ...rest }: Store): { readonly store: Store; questions(): number } {
  let questions = 0;
  const ask = <M extends "reserve" | "settle" | "lease" | "returnLeases">(method: M): Ledger[M] =>
    ((batch: never) => {
      questions++;
      return (ledger[method] as (batch: never) => unknown)(batch);
    }) as Ledger[M];
  const asked = { reserve: ask("reserve"), settle: ask("settle"), lease: ask("lease") };
  const watched = { ...ledger, ...asked, returnLeases: ask("returnLeases") };
  return { store: { ...rest, ledger: watched }, questions: () => questions };
}

/** Microseconds of one call that spends from leases, and how many calls share a question. */
export async function measureLeased(given: Store): Promise<Measured[]> {
  const { store, questions } = counted(given);
  const guard = createGuard({ ...THREE_BUDGETS, store });
  const micros: number[] = [];
  const asked: number[] = [];
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const request = { kind: "model", provider: "openai", name: "gpt-5", estimate } as const;
  for (let run = -1; run < RUNS; run++) {
    const before = questions();
    const startedMs = performance.now();
    for (let call = 0; call < CALLS; call++) {
      const permit = await guard.begin(request);
      permit.dispatched();
      await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
    }
    if (run < 0) continue; // the first run learns the pace
    micros.push(((performance.now() - startedMs) / CALLS) * 1_000);
    asked.push(((questions() - before) / CALLS) * 1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await guard.close();
  return [
    toMeasured("begin + settle from leases, 3 budgets", "us/call", micros),
    toMeasured("  questions to the store", "in 1,000 calls", asked, "≤ 1"),
  ];
}

/** Milliseconds of each batch of a run. */
interface Spent {
  readonly ours: number[];
  readonly bare: number[];
  readonly controls: readonly number[][];
}

/**
 * Exact reservations and their ends, in batches, in turns with the least that could be done:
 * neither is always first, and a run's figure is that of its round in the middle. What the machine
 * does meanwhile hits both alike. Controls take turns with them, and have no target.
 */
export async function measurePairs(
  what: string,
  { ledger }: Store,
  bare: Bare,
  ...controls: readonly Bare[]
): Promise<Measured[]> {
  await ledger.ready();
  const accounts = ACCOUNTS.map(accountOf);
  const reserved = ACCOUNTS.map(() => AMOUNT.reserved);
  const used = ACCOUNTS.map(() => AMOUNT.used);
  const pairs = async (ids: readonly string[]): Promise<void> => {
    const common = { accounts, amounts: reserved, expiresInMs: 60_000 };
    await ledger.reserve(ids.map((id) => ({ id, ...common, atMs: Date.now() })));
    await ledger.settle(ids.map((id) => ({ id, as: "settled", amounts: used })));
  };
  const runs: Spent[] = [];
  for (let run = -1; run < RUNS; run++) {
    const spent: Spent = { ours: [], bare: [], controls: controls.map(() => []) };
    for (let round = 0; round < ROUNDS; round++) {
      const ids = Array.from({ length: BATCH }, (_, at) => `bench-${run}-${round}-${at}`);
      const turns = [
        { times: spent.bare, run: bare.run },
        { times: spent.ours, run: pairs },
        ...controls.map(({ run }, at) => ({ times: spent.controls[at] ?? [], run })),
      ];
      for (const { times, run: work } of round % 2 === 0 ? turns : turns.toReversed()) {
        const startedMs = performance.now();
        await work(ids);
        times.push(performance.now() - startedMs);
      }
    }
    if (run >= 0) runs.push(spent);
  }
  await ledger.close();
  const rates = (timesOf: (run: Spent) => readonly number[] | undefined): number[] =>
    runs.map((run) => (BATCH * 1_000) / median(timesOf(run) ?? []));
  const ours = rates((run) => run.ours);
  const least = rates((run) => run.bare);
  const share = ours.map((rate, at) => (rate / (least[at] ?? Number.NaN)) * 100);
  const latency = (part: number): number[] => runs.map((run) => quantile(run.ours, part));
  return [
    toMeasured(`reserve + settle, batches of ${BATCH}, ${what}`, "pairs/s", ours),
    toMeasured("  50th percentile of a batch, both round trips", "ms", latency(0.5)),
    toMeasured("  99th percentile", "ms", latency(0.99)),
    toMeasured(`  ${bare.name}`, "pairs/s", least),
    toMeasured("  ours of bare", "%", share, "≥ 70"),
    ...controls.map(({ name }, at) =>
      toMeasured(
        `  control: ${name}`,
        "pairs/s",
        rates((run) => run.controls[at]),
      ),
    ),
  ];
}

/** The value below which this part of all lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
