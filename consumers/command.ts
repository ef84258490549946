import { spawn } from "node:child_process";

/** How a process ended. */
export interface CommandResult {
  readonly succeeded: boolean;
  /** What it wrote, to both streams. */
  readonly output: string;
}

/** What one process may take on a busy machine. */
const TIMEOUT_MS = 900_000;

/** Runs a program in a folder, and keeps what it wrote. */
export function run(
  program: string,
  given: readonly string[],
  folder: string,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { cwd: folder, timeout: TIMEOUT_MS });
    let output = "";
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ succeeded: code === 0, output: output.trim() }));
  });
}

/** The same, where nothing can go on without it; returns what it wrote. */
export async function mustRun(
  program: string,
  given: readonly string[],
  folder: string = import.meta.dirname,
): Promise<string> {
  const { succeeded, output } = await run(program, given, folder);
  if (succeeded) return output;
  throw new Error(`${program} ${given.join(" ")} failed in ${folder}:\n${output}`);
}
