import {
  type Balance,
  type CallRecord,
  createGuard,
  createMemoryStore,
  createPriceBook,
  type Guard,
  type GuardOptions,
  type LedgerReply,
  priceUsage,
} from "burnrate";
// @boundaries-ignore the recorder is private to core, and its speed is a promise of its own
import { createSliRecorder } from "../packages/core/src/sli/sli-recorder.ts";
import { ACCOUNTS, AMOUNT, accountOf } from "./accounts.ts";
import { LIMITS_AND_BREAKER, THREE_BUDGETS } from "./guards.ts";
import { type Measured, measure, type Part, quick, toMeasured } from "./measure.ts";

const SCALE = quick ? 10 : 1;
const CALLS = 200_000 / SCALE;
const PRICES = 2_000_000 / SCALE;
const PAIRS = 1_000_000 / SCALE;
const RECORDS = 4_000_000 / SCALE;
const RUNS = 5;

const PIPELINE = "pipeline alone (context, kill switch, 3 budgets, settle, record)";
const USAGE = { inputTokens: 100, outputTokens: 5 };

/** Everything that looks at a call but a policy. */
const ALL: GuardOptions = { ...THREE_BUDGETS, ...LIMITS_AND_BREAKER };

async function oneCall(guard: Guard): Promise<CallRecord> {
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const permit = await guard.begin({ kind: "model", provider: "openai", name: "gpt-5", estimate });
  permit.dispatched();
  return permit.settle({ usage: USAGE });
}

/** Calls a second, one after another. */
async function throughput(guard: Guard): Promise<number> {
  const startedMs = performance.now();
  for (let index = 0; index < CALLS; index++) await oneCall(guard);
  return perSecond(CALLS, startedMs);
}

/** Microseconds of each call, shortest first. */
async function timeEachCall(guard: Guard): Promise<Float64Array> {
  const times = new Float64Array(CALLS);
  for (let index = 0; index < CALLS; index++) {
    const startedMs = performance.now();
    await oneCall(guard);
    times[index] = (performance.now() - startedMs) * 1_000;
  }
  return times.sort();
}

/** How many calls a second, and how long each takes. */
async function measureCalls(name: string, options: GuardOptions): Promise<Measured[]> {
  const guard = createGuard(options);
  let sessions = 0;
  const inSession = <T>(run: (guard: Guard) => Promise<T>): Promise<T> =>
    guard.with({ agent: "support", session: `s-${sessions++}` }, () => run(guard));
  const rate = await measure(name, "calls/s", () => inSession(throughput), { target: "≥ 500,000" });
  await inSession(timeEachCall);
  const runs: Float64Array[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await inSession(timeEachCall));
  const at = (fraction: number): number[] =>
    runs.map((times) => times[Math.floor(times.length * fraction)] ?? Number.NaN);
  return [
    rate,
    toMeasured("  one call of these, 50th percentile", "us", at(0.5)),
    toMeasured("  one call of these, 99th percentile", "us", at(0.99), "≤ 10"),
  ];
}

/** Microseconds of one reservation on three accounts and its end, in the ledger alone. */
function reserveAndSettle(): number {
  const { ledger } = createMemoryStore();
  const accounts = ACCOUNTS.map(accountOf);
  const reserved = ACCOUNTS.map(() => AMOUNT.reserved);
  const request = { accounts, amounts: reserved, expiresInMs: 60_000, atMs: 0 };
  const used = ACCOUNTS.map(() => AMOUNT.used);
  const startedMs = performance.now();
  for (let index = 0; index < PAIRS; index++) {
    const id = `bench-${index}`;
    ledger.reserve([{ id, ...request }]);
    ledger.settle([{ id, as: "settled", amounts: used }]);
  }
  const micros = ((performance.now() - startedMs) * 1_000) / PAIRS;
  const { results } = ledger.balances([accountOf("org")]) as LedgerReply<Balance>;
  if (results[0]?.settled !== PAIRS * AMOUNT.used) throw new Error("not all was settled");
  return micros;
}

/** Prices a second with a rate card that was looked up before, as the guard does it. */
function pricingByCard(): number {
  const card = createPriceBook().resolve("openai", "gpt-5", Date.now());
  if (card === undefined) throw new Error("gpt-5 has no price");
  let sum = 0;
  const startedMs = performance.now();
  for (let index = 0; index < PRICES; index++) {
    sum += card.cost({ inputTokens: index % 5_000, outputTokens: 7, cacheReadTokens: index % 100 });
  }
  if (sum <= 0) throw new Error("nothing was priced");
  return perSecond(PRICES, startedMs);
}

/** Prices a second with the card looked up by name each time. */
function pricingByName(): number {
  let sum = 0;
  const startedMs = performance.now();
  for (let index = 0; index < PRICES; index++) {
    const priced = priceUsage("openai", "gpt-5", { inputTokens: index % 5_000, outputTokens: 7 });
    if (priced.kind === "priced") sum += priced.nanoUsd;
  }
  if (sum <= 0) throw new Error("nothing was priced");
  return perSecond(PRICES, startedMs);
}

/** A guard's record of a call, again and again with other names, times and ends. */
async function manyRecords(): Promise<readonly CallRecord[]> {
  const record = await oneCall(createGuard(THREE_BUDGETS));
  return Array.from({ length: 1_024 }, (_, index) => ({
    ...record,
    model: index % 3 === 0 ? "gpt-5" : "claude-opus-4-1",
    context: { ...record.context, agent: `agent-${index % 8}` },
    outcome: index % 16 === 0 ? "rate-limited" : "success",
    latencyMs: 5 * 1.01 ** index,
    timeToFirstTokenMs: 2 * 1.01 ** (index % 500),
  }));
}

/** Calls that the recorder counts a second: success, compliance, latency, time to first token. */
function recording(records: readonly CallRecord[]): number {
  const recorder = createSliRecorder();
  const startedMs = performance.now();
  for (let index = 0; index < RECORDS; index++) {
    recorder.recordCall(records[index % records.length] as CallRecord);
  }
  const rate = perSecond(RECORDS, startedMs);
  if (recorder.snapshot().series.length !== 16) throw new Error("not all was recorded");
  return rate;
}

function perSecond(count: number, startedMs: number): number {
  return (count / (performance.now() - startedMs)) * 1_000;
}

/** The guard alone: no framework, no network. */
export const coreParts: readonly Part[] = [
  () => measureCalls(PIPELINE, THREE_BUDGETS),
  () => measureCalls("  with 5 limits and the circuit breaker", ALL),
  measureRest,
];

async function measureRest(): Promise<Measured[]> {
  const records = await manyRecords();
  return [
    await measure("in-memory ledger: reserve + settle, 3 accounts", "us/pair", reserveAndSettle, {
      target: "≤ 0.5",
    }),
    await measure("pricing with a resolved card", "prices/s", pricingByCard, {
      target: "≥ 5,000,000",
    }),
    await measure("pricing by model name", "prices/s", pricingByName),
    await measure(
      "SLI record of a call, 8 agents × 2 models",
      "records/s",
      () => recording(records),
      {
        target: "≥ 10,000,000",
      },
    ),
  ];
}
