import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Measured, median, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const WARM_UPS = 3;
const CALLS_A_RUN = quick ? 20 : 300;

/** A stream that was asked for: its texts come one by one. */
export type Ask = () => Promise<AsyncIterable<unknown>>;

const CONTENDERS = ["bare", "control", "guarded"] as const;
type Contender = (typeof CONTENDERS)[number];

/** Microseconds from the call to its first text; the rest of the stream is read afterwards. */
async function firstText(ask: Ask): Promise<number> {
  const startedMs = performance.now();
  const texts = (await ask())[Symbol.asyncIterator]();
  let { done = false } = await texts.next();
  const us = (performance.now() - startedMs) * 1_000;
  while (!done) ({ done = false } = await texts.next());
  return us;
}

/** One call of each in turns, and nobody is always first. */
async function alternate(
  asks: Readonly<Record<Contender, Ask>>,
): Promise<Record<Contender, number[]>> {
  const times: Record<Contender, number[]> = { bare: [], control: [], guarded: [] };
  for (let call = 0; call < CALLS_A_RUN; call++) {
    for (let at = 0; at < CONTENDERS.length; at++) {
      const name = CONTENDERS[(at + call) % CONTENDERS.length] ?? "bare";
      times[name].push(await firstText(asks[name]));
    }
  }
  return times;
}

/** How far apart the middle half of the calls lie. */
function spreadOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return at(0.75) - at(0.25);
}

/** How much later the first text comes than without a hook, and a control beside it. */
export async function measureFirstText(
  hook: string,
  call: string,
  asks: Readonly<Record<Contender, Ask>>,
  target?: string,
): Promise<Measured[]> {
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await alternate(asks);
  const runs: Record<Contender, number[]>[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await alternate(asks));
  const beyond = (name: Contender): number[] =>
    runs.map((times) => median(times[name]) - median(times.bare));
  const bare = runs.map((times) => median(times.bare));
  const spread = runs.map((times) => spreadOf(times.bare));
  return [
    toMeasured(`${call} to the first text without a hook`, "us/call", bare),
    toMeasured("  the middle half of these calls lie apart by", "us", spread),
    toMeasured(`${hook} beyond no hook`, "us/call", beyond("guarded"), target),
    toMeasured("  control: no hook beyond none", "us/call", beyond("control")),
  ];
}

/** Measures against a provider over HTTP, which ends with it. */
export async function withProvider<T>(measure: (url: string) => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL("first-text-provider.ts", import.meta.url));
  const provider = fork(script);
  try {
    const [url] = await once(provider, "message");
    return await measure(url as string);
  } finally {
    provider.disconnect();
  }
}
