import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import {
  type Clock,
  ConfigError,
  type KillEntry,
  StoreUnavailableError,
  systemClock,
} from "@burnrate/core";
import { inTime } from "@burnrate/core/adapter";
import type { Durability } from "./database/open-database.ts";
import type { OnCorrupt } from "./database/set-aside.ts";
import type { FailureData } from "./database/store-failure.ts";
import type { WorkerMessage, WorkerRequest, WorkerSetup } from "./messages.ts";
import type { StoreCalls } from "./store-calls.ts";

/** What the thread must know. */
export interface StoreThreadOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly onCorrupt: OnCorrupt;
  readonly clock: Clock;
  /** Finds the driver; asked when the thread starts. */
  findDriver(): string;
  /** Hears of new lines of the kill log, of this process and others. */
  onLines(lines: readonly KillEntry[]): void;
}

/** How Node.js says that a file is not there, with or without `ERR_` before it. */
const MISSING = "MODULE_NOT_FOUND";
/** A strict installer lets an application import only what it names itself. */
const BUNDLED =
  'Its file is missing: mark "@burnrate/store-sqlite" as external in the bundler, or "burnrate" where that is what the application installs.';

/** For a thread that has closed its file to end by itself, in ms. */
const END_MS = 2_000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Asks the thread in which the database lives. It starts with the first question, keeps the process
 * alive only while an answer is awaited, and starts anew if it died.
 */
export class StoreThread {
  readonly #options: StoreThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ended: Promise<void> | undefined;
  #number = 0;
  #toldEpoch: number | undefined;
  /** Whether the file was in use: its successor would begin with kills that are numbered again. */
  #hasOpened = false;
  #isClosed = false;

  constructor(options: StoreThreadOptions) {
    this.#options = options;
  }

  /**
   * Asks for one thing; answers come in the order of the questions.
   * @throws {ConfigError} `BR9001` @throws {StoreUnavailableError} `BR8001`
   */
  ask<M extends keyof StoreCalls>(
    method: M,
    ...values: Parameters<StoreCalls[M]>
  ): Promise<ReturnType<StoreCalls[M]>> {
    if (this.#isClosed) return Promise.reject(unavailable("The store is closed.", "closed"));
    return new Promise((resolve, reject) => {
      const worker = this.#start();
      const number = ++this.#number;
      const { clock } = this.#options;
      const [nowMs, monotonicMs] = [Math.floor(clock.wallMs()), clock.monotonicMs()];
      worker.postMessage({ number, nowMs, monotonicMs, method, values } as WorkerRequest);
      this.#waiting.set(number, { resolve, reject });
      worker.ref();
    });
  }

  /**
   * Ends the thread after what it was asked. It ends by itself: to terminate one in which Node still
   * has objects of better-sqlite3 to free may crash the process.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    const [worker, ended] = [this.#worker, this.#ended];
    const closed = worker && this.ask("close");
    this.#isClosed = true;
    try {
      await closed;
    } finally {
      await inTime(systemClock, END_MS, () => ended);
      await worker?.terminate();
    }
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { path, durability } = this.#options;
    const onCorrupt = this.#hasOpened ? "refuse" : this.#options.onCorrupt;
    const [driver, creator] = [this.#options.findDriver(), randomUUID()];
    const workerData: WorkerSetup = {
      ...{ path, durability, onCorrupt, driver, creator },
      toldEpoch: this.#toldEpoch,
    };
    // No flags of the application: a debugger or loader of its own has no business there.
    const worker = new Worker(workerFile(), { workerData, execArgv: [] });
    worker.on("message", (message: WorkerMessage) => this.#hear(message));
    worker.on("error", (error: NodeJS.ErrnoException) => this.#lose(worker, error.code));
    worker.on("exit", () => this.#lose(worker, "exit"));
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #hear(message: WorkerMessage): void {
    if (message.kind === "lines") {
      this.#toldEpoch = message.epoch;
      this.#options.onLines(message.lines);
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (message.kind === "answer") {
      this.#hasOpened = true;
      waiting?.resolve(message.value as never);
    } else waiting?.reject(toError(message.failure));
  }

  /** What was asked and not answered may have been done, or not. */
  #lose(worker: Worker, code: string | undefined): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    const reason = code ?? "unknown";
    const hint = reason.endsWith(MISSING) ? BUNDLED : "The next question starts it anew.";
    const error = unavailable(`The thread of the store ended (${reason}). ${hint}`, reason);
    for (const { reject } of waiting) reject(error);
  }
}

/**
 * Beside this file; a bundle as CommonJS does not say where that is.
 * @throws {StoreUnavailableError} `BR8001`
 */
function workerFile(): URL {
  const here = import.meta.url as string | undefined;
  if (here === undefined) throw unavailable(`The store has no thread. ${BUNDLED}`, MISSING);
  return new URL(here.endsWith(".ts") ? "./worker.ts" : "./worker.js", here);
}

function toError({ kind, message, code }: FailureData): Error {
  if (kind === "unavailable") return unavailable(message, code);
  return new ConfigError({ message, scope: "sqliteStore.path", details: { code } });
}

function unavailable(message: string, code: string): StoreUnavailableError {
  return new StoreUnavailableError({ message, scope: "store", details: { code } });
}
