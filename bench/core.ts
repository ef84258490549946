import { createGuard, createPriceBook, type Guard } from "burnrate";
import { type Measured, measure } from "./measure.ts";

const CALLS = 200_000;
const LOOKS = 5_000_000;

function makeGuard(): Guard {
  const budgets = ["$1000000/day", "$1000000/month", "1000000000 calls/hour"];
  return createGuard({ budgets, store: "memory" });
}

async function oneCall(guard: Guard): Promise<void> {
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const permit = await guard.begin({ kind: "model", provider: "openai", name: "gpt-5", estimate });
  permit.dispatched();
  await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
}

/** Calls a second, one after another, with three budgets. */
async function throughput(): Promise<number> {
  const guard = makeGuard();
  const startedMs = performance.now();
  for (let index = 0; index < CALLS; index++) await oneCall(guard);
  return (CALLS / (performance.now() - startedMs)) * 1_000;
}

/** The slowest of a hundred calls, in microseconds. */
async function slowest(): Promise<number> {
  const guard = makeGuard();
  const times = new Float64Array(CALLS);
  for (let index = 0; index < CALLS; index++) {
    const startedMs = performance.now();
    await oneCall(guard);
    times[index] = (performance.now() - startedMs) * 1_000;
  }
  return times.sort()[Math.floor(CALLS * 0.99)] ?? Number.NaN;
}

/** Prices a second with a resolved rate card. */
function pricing(): number {
  const card = createPriceBook().resolve("openai", "gpt-5", Date.now());
  if (card === undefined) throw new Error("gpt-5 has no price");
  let sum = 0;
  const startedMs = performance.now();
  for (let index = 0; index < LOOKS; index++) {
    sum += card.cost({ inputTokens: index % 5_000, outputTokens: 7, cacheReadTokens: index % 100 });
  }
  if (sum <= 0) throw new Error("nothing was priced");
  return (LOOKS / (performance.now() - startedMs)) * 1_000;
}

/** How much the heap grows over a million calls with rotating sessions, in percent. */
async function heapGrowth(): Promise<number> {
  const guard = createGuard({ budgets: ["$1000000/day", "$1/session"], store: "memory" });
  const round = async (from: number): Promise<number> => {
    for (let index = from; index < from + 250_000; index++) {
      await guard.with({ session: `s-${Math.floor(index / 10)}` }, () => oneCall(guard));
    }
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = await round(0);
  await round(250_000);
  const after = await round(500_000);
  return (after / before - 1) * 100;
}

/** The guard alone: no framework, no network. */
export async function measureCore(): Promise<Measured[]> {
  return [
    await measure("pipeline alone, 3 budgets", "calls/s", throughput),
    await measure("pipeline alone, 3 budgets, 99th percentile", "us", slowest),
    await measure("pricing with a resolved card", "prices/s", pricing),
    await measure("heap growth over 500,000 calls, rotating sessions", "%", heapGrowth),
  ];
}
