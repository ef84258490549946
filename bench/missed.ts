import { globSync, readFileSync } from "node:fs";
import type { Measured } from "./measure.ts";

/** A row of the committed results whose median is not what is promised. */
export interface Missed extends Measured {
  readonly suite: string;
  readonly cpu: string;
}

interface Results {
  readonly machine: { readonly cpu: string };
  readonly results: readonly Measured[];
}

/** Only a promise of "at most" or "at least" can be missed; the others are read by people. */
const PROMISE = /^(?<which>[≤≥]) (?<figure>[\d.,]+)$/;

/** Whether a figure is on the wrong side of its promise. */
export function misses({ target = "", median }: Pick<Measured, "target" | "median">): boolean {
  const { which, figure = "" } = PROMISE.exec(target)?.groups ?? {};
  const promised = Number(figure.replaceAll(",", ""));
  if (which === undefined) return false;
  return which === "≤" ? median > promised : median < promised;
}

/** The rows of `results/*.json` that miss what is promised. */
export function missedRows(): Missed[] {
  const folder = new URL("./results/", import.meta.url);
  const files = globSync("*.json", { cwd: folder }).sort();
  return files.flatMap((file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const { machine, results } = JSON.parse(text) as Results;
    const place = { suite: file.slice(0, -".json".length), cpu: machine.cpu };
    return results.filter(misses).map((row) => ({ ...row, ...place }));
  });
}
