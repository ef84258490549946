import { type ChildProcess, fork } from "node:child_process";
import type { Answer, Question, WorkerCalls } from "./worker-calls.ts";

/** From source or from the built package. */
const WORKER = new URL(
  import.meta.url.endsWith(".ts") ? "./process-worker.ts" : "./process-worker.js",
  import.meta.url,
);

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
        for (const { reject } of this.#waiting.values()) reject(new Error("the process has ended"));
        this.#waiting.clear();
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
    return new Promise((resolve, reject) => {
      const number = ++this.#number;
      this.#waiting.set(number, { resolve, reject });
      const question: Question = { number, name, given };
      this.#child.send(question, (error) => {
        if (error !== null && this.#waiting.delete(number)) reject(error);
      });
    });
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
}
