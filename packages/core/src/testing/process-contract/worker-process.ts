import { type ChildProcess, fork } from "node:child_process";
import type { Answer, Question, WorkerCalls } from "./worker-calls.ts";

/** From source or from the built package. */
const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./process-worker.ts" : "./process-worker.js",
  import.meta.url,
);

/** Longest that an order may take: one that has no end fails the case, and hangs nothing. */
const LONGEST_MS = 120_000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Another process, seen from the one that started it. */
export class WorkerProcess {
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor(env: Readonly<Record<string, string>>) {
    this.#child = fork(WORKER, {
      env: { ...process.env, ...env },
      execArgv: ["--conditions=@burnrate/source", "--disable-warning=ExperimentalWarning"],
    });
    this.#child.on("message", (answer: Answer) => this.#hear(answer));
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", () => {
        for (const number of this.#waiting.keys()) this.#lose(number, new Error("it has died"));
        resolve();
      });
    });
  }

  /** Whether a name that a process has in the fleet is this one's. */
  isNamed(name: string): boolean {
    return name.includes(`:${this.#child.pid}:`);
  }

  /** Has it do something. Rejects with what it threw, and when it dies before it answers. */
  ask<K extends keyof WorkerCalls>(
    name: K,
    ...given: Parameters<WorkerCalls[K]>
  ): Promise<Awaited<ReturnType<WorkerCalls[K]>>> {
    const number = ++this.#number;
    const answered = new Promise<Awaited<ReturnType<WorkerCalls[K]>>>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
    });
    const lose = (why: string): void => this.#lose(number, new Error(`${name}: ${why}`));
    const timer = setTimeout(() => lose(`no answer in ${LONGEST_MS} ms`), LONGEST_MS);
    const question: Question = { number, name, given };
    this.#child.send(question, (error) => {
      if (error !== null) lose("the process cannot be reached");
    });
    return answered.finally(() => clearTimeout(timer));
  }

  /** Closes its guard, then ends it. */
  async close(): Promise<void> {
    await this.ask("close");
    await this.kill();
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** Takes the processor away from it, until `resume`. */
  suspend(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  }

  #lose(number: number, error: Error): void {
    this.#waiting.get(number)?.reject(error);
    this.#waiting.delete(number);
  }
}
