import { type ChildProcess, fork } from "node:child_process";

/** A process of a test: one of the scripts of this folder, run from source. */
export interface ForkedProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: readonly Record<string, unknown>[];
  /** Resolves to its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a script of this folder; `args` reach it as JSON. */
export function forkProcess(script: string, args: object): ForkedProcess {
  const execArgv = ["--conditions=@burnrate/source"];
  const child = fork(new URL(script, import.meta.url), [JSON.stringify(args)], { execArgv });
  const said: Record<string, unknown>[] = [];
  child.on("message", (message) => said.push(message as Record<string, unknown>));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
  return { child, said, ended };
}

/** Asks again until it is so, for at most half a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
