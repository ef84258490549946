import { median, quick } from "../measure.ts";
import type { Limited, Peer } from "./peer.ts";
import { FakeProvider, INSTANT } from "./provider.ts";

const FAR_USD = 1_000_000;
const RUNS = 7;
const ROUNDS = quick ? 4 : 40;
const CALLS_A_BLOCK = 50;
/** Runs before those that count: an engine compiles what is long later than what is short. */
const WARM_UPS = quick ? 1 : 30;

/** Nanoseconds of each peer's calls beyond bare ones, taken in turns within a round. */
export async function speedsOf(peers: readonly Peer[]): Promise<readonly (readonly number[])[]> {
  const provider = new FakeProvider();
  const setup = { provider, limitUsd: FAR_USD };
  const open: Limited[] = [];
  const calls = peers.map((peer) => {
    const fastest = peer.fastest?.(setup);
    if (fastest !== undefined) return fastest.call;
    const limited = peer.limit(setup);
    open.push(limited);
    return () => limited.call(INSTANT);
  });
  const all = [() => provider.complete(INSTANT), ...calls];
  for (let run = 0; run < WARM_UPS; run++) await rounds(all);
  const runs: (readonly number[])[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await rounds(all));
  await Promise.all(open.map((limited) => limited.close?.()));
  return peers.map((_, at) => runs.map((run) => run[at] ?? Number.NaN));
}

type Calls = readonly (() => Promise<unknown>)[];

/** Medians of the differences to the first, each within a round. */
async function rounds(calls: Calls): Promise<readonly number[]> {
  const beyond: number[][] = calls.slice(1).map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    const spent = new Array<number>(calls.length).fill(0);
    for (let step = 0; step < calls.length; step++) {
      const at = (round % 2 === 0 ? step + round : calls.length - 1 - step + round) % calls.length;
      spent[at] = await nanosecondsACall(calls[at] as () => Promise<unknown>);
    }
    for (const [at, differences] of beyond.entries()) {
      differences.push((spent[at + 1] as number) - (spent[0] as number));
    }
  }
  return beyond.map(median);
}

async function nanosecondsACall(call: () => Promise<unknown>): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  const startedMs = performance.now();
  for (let index = 0; index < CALLS_A_BLOCK; index++) await call();
  return ((performance.now() - startedMs) * 1e6) / CALLS_A_BLOCK;
}
