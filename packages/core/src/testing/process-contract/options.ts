import type { MaybePromise } from "../../ports/maybe-promise.ts";

/** Options of `processContract`. */
export interface ProcessContractOptions {
  /**
   * Registers one case: `test` of Vitest or of `node:test`; the time that a case may take is told.
   */
  readonly test: (name: string, fn: () => Promise<void>, timeoutMs: number) => void;
  /**
   * A module that exports `openStore(): Store | Promise<Store>`. Each process imports it and opens
   * the same data, which it finds by its environment. Kills of the contract stop everybody on it.
   */
  readonly storeModule: URL;
  /** Added to the environment of each process. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Kills the server as a crash would, waits for `whileDown`, and starts it with what it had
   * answered before. Left out where there is no server.
   */
  restartStore?(whileDown: () => Promise<void>): MaybePromise<void>;
  /** Calls of the largest case, over four processes and against $1 (default 10,000). */
  readonly calls?: number;
  /** Processes that are killed in the storm (default 30). */
  readonly kills?: number;
  /**
   * How long a kill or a lower limit may take to bind every process (default 1,000). More only for
   * a machine that is so busy that the processes themselves wait.
   */
  readonly boundMs?: number;
}
