import { writeFileSync } from "node:fs";
import { cpus } from "node:os";

/** One benchmark's figures: every run, and the one in the middle. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly runs: readonly number[];
}

/** The middle of the runs; an outlier of a busy machine does not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs something at least five times, after one run that does not count. */
export async function measure(
  name: string,
  unit: string,
  run: () => number | Promise<number>,
  runs = 5,
): Promise<Measured> {
  await run();
  const values: number[] = [];
  for (let index = 0; index < runs; index++) values.push(await run());
  return { name, unit, median: median(values), runs: values };
}

/** Writes results with the machine that they were measured on. */
export function writeResults(file: string, results: readonly Measured[]): void {
  const [cpu] = cpus();
  const machine = { cpu: cpu?.model, cores: cpus().length, node: process.version };
  const path = new URL(`./results/${file}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
