import { parentPort, workerData } from "node:worker_threads";
import { openBare } from "./sqlite-bare.ts";

/** One bare batch, to be held or ended. */
export interface BareOrder {
  readonly kind: "hold" | "end";
  readonly ids: readonly string[];
}

const database = openBare(workerData as string, "batch");
parentPort?.on("message", ({ kind, ids }: BareOrder) => {
  database[kind](ids);
  parentPort?.postMessage("done");
});
