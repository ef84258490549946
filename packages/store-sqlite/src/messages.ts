import type { KillEntry } from "@burnrate/core";
import type { Durability } from "./database/open-database.ts";
import type { OnCorrupt } from "./database/set-aside.ts";
import type { FailureData } from "./database/store-failure.ts";
import type { StoreCalls } from "./store-calls.ts";

/** What the thread is started with. */
export interface WorkerSetup {
  readonly path: string;
  readonly durability: Durability;
  readonly onCorrupt: OnCorrupt;
  /** `node:sqlite`, or the file URL of a module. */
  readonly driver: string;
  /** Unique among all threads of this machine. */
  readonly creator: string;
  /** Lines up to this one have been told; undefined: all that are there at the start. */
  readonly toldEpoch: number | undefined;
}

/** One question. It carries the asker's clocks: the thread has none of its own. */
export type WorkerRequest = {
  readonly [M in keyof StoreCalls]: {
    readonly number: number;
    readonly nowMs: number;
    readonly monotonicMs: number;
    readonly method: M;
    readonly values: Parameters<StoreCalls[M]>;
  };
}[keyof StoreCalls];

/** An answer, or lines of the kill log that nobody asked for. */
export type WorkerMessage =
  | { readonly kind: "answer"; readonly number: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly number: number; readonly failure: FailureData }
  | { readonly kind: "lines"; readonly lines: readonly KillEntry[]; readonly epoch: number };
