import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { availableParallelism, cpus } from "node:os";

/** Set by `--quick`: a tenth of the work, to see that everything runs. Results are not written. */
export const quick: boolean = process.argv.includes("--quick");

/** One benchmark's figures: every run, and the one in the middle. */
export interface Measured {
  /** What was measured, in words that need no other page. */
  readonly name: string;
  readonly unit: string;
  /** What the design promises, such as `≤ 3`; left out where it promises nothing. */
  readonly target?: string | undefined;
  /** Not a number where there is nothing to measure; `says` says why. */
  readonly median: number;
  readonly runs: readonly number[];
  /** What the figure does not say, in words. */
  readonly says?: string;
}

/** What is measured in one process. */
export type Part = () => Promise<readonly Measured[]>;

/** The middle of the runs; an outlier of a busy machine does not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Names the figures of several runs. */
export function toMeasured(
  name: string,
  unit: string,
  runs: readonly number[],
  target?: string,
): Measured {
  return { name, unit, target, median: median(runs), runs };
}

/** Runs something at least five times, after one run that does not count. */
export async function measure(
  name: string,
  unit: string,
  run: () => number | Promise<number>,
  { runs = 5, target }: { readonly runs?: number; readonly target?: string } = {},
): Promise<Measured> {
  await run();
  const values: number[] = [];
  for (let index = 0; index < runs; index++) values.push(await run());
  return toMeasured(name, unit, values, target);
}

/** What heap and arrays hold once the garbage is collected. */
export function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Makes one call; the same work whatever hook is on it. */
export type Call = () => Promise<unknown>;

/** The same call four times: without a hook, with an empty one, with that again, and with ours. */
export interface Contenders {
  readonly bare: Call;
  /** A hook of the same kind as ours that does nothing. */
  readonly empty: Call;
  /** Made as `empty` is: how far two equal things differ is how far a difference means nothing. */
  readonly control: Call;
  readonly guarded: Call;
}

/** Microseconds of a call in one block. */
interface Block {
  /** Of the call in the middle. */
  readonly middle: number;
  /** Of all calls, the collection of garbage included. */
  readonly mean: number;
}

type Blocks = Record<keyof Contenders, Block[]>;

/** How a hook is measured. */
export interface BeyondEmpty {
  /** What is promised (default: `≤ 3`, as the design promises the 50th percentile of a call). */
  readonly target?: string;
  /** Fewer are for calls that take long. */
  readonly rounds?: number;
  /**
   * What is promised (default: the middle one): where most calls hand on what others brought, their
   * middle says nothing.
   */
  readonly of?: keyof Block;
}

const CONTENDERS = ["bare", "empty", "control", "guarded"] as const;
const RUNS = 7;
/** Before the first run that counts: until the engine has compiled all of a hook for good. */
const WARM_UPS = 30;
const ROUNDS = 40;
const CALLS_A_BLOCK = 50;

/**
 * What our hook costs beyond an empty one, and the control beside it. Blocks of a few calls
 * alternate, so that whatever disturbs the machine disturbs all four alike; a run's figure is the
 * median of the differences between blocks of the same round.
 */
export async function measureBeyondEmpty(
  hook: string,
  call: string,
  contenders: Contenders,
  { target = "≤ 3", rounds = ROUNDS, of = "middle" }: BeyondEmpty = {},
): Promise<Measured[]> {
  const turns = quick ? Math.ceil(rounds / 10) : rounds;
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await alternate(contenders, turns);
  const runs: Blocks[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await alternate(contenders, turns));
  const beyond = (name: "guarded" | "control", figure: keyof Block): number[] =>
    runs.map(({ empty, [name]: blocks }) =>
      median(blocks.map((block, at) => block[figure] - (empty[at] ?? block)[figure])),
    );
  const bare = runs.map((blocks) => median(blocks.bare.map((block) => block[of])));
  const figures = [
    toMeasured(`${call} without a hook`, "us/call", bare),
    toMeasured(`${hook} beyond an empty hook`, "us/call", beyond("guarded", of), target),
    toMeasured("  control: an empty hook beyond another", "us/call", beyond("control", of)),
  ];
  if (of === "mean") return figures;
  return [
    ...figures,
    toMeasured("  on average, garbage collection included", "us/call", beyond("guarded", "mean")),
    toMeasured("  control: on average", "us/call", beyond("control", "mean")),
  ];
}

async function alternate(contenders: Contenders, rounds: number): Promise<Blocks> {
  const blocks: Blocks = { bare: [], empty: [], control: [], guarded: [] };
  for (let round = 0; round < rounds; round++) {
    // Nobody is always first, and nobody always follows the same neighbour.
    const order = round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
    for (let at = 0; at < order.length; at++) {
      const name = order[(at + round) % order.length] ?? "bare";
      blocks[name].push(await timeBlock(contenders[name]));
    }
  }
  return blocks;
}

async function timeBlock(call: Call): Promise<Block> {
  // What the block before left for the next turn of the event loop is not this one's cost.
  await new Promise((resolve) => setImmediate(resolve));
  const times: number[] = [];
  const startedMs = performance.now();
  let lastMs = startedMs;
  for (let index = 0; index < CALLS_A_BLOCK; index++) {
    await call();
    const nowMs = performance.now();
    times.push((nowMs - lastMs) * 1_000);
    lastMs = nowMs;
  }
  return { middle: median(times), mean: ((lastMs - startedMs) * 1_000) / CALLS_A_BLOCK };
}

/** Where the figures come from. */
export function machine(): { cpu: string; cores: number; platform: string; node: string } {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** The installed version of each framework. */
export function versionsOf(frameworks: readonly string[]): Record<string, string> {
  return Object.fromEntries(frameworks.map((name) => [name, versionOf(name)]));
}

function versionOf(framework: string): string {
  const path = findPackageJSON(framework, import.meta.url);
  if (path === undefined) throw new Error(`${framework} is not installed`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/** Writes results with the machine and the frameworks that they were measured on. */
export function writeResults(
  file: string,
  results: readonly Measured[],
  frameworks: readonly string[] = [],
): void {
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const content = { machine: machine(), frameworks: versionsOf(frameworks), results };
  writeFileSync(new URL(`${file}.json`, folder), `${JSON.stringify(content, null, 2)}\n`);
}
