import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MAX_BUFFER = 64 * 1024 * 1024;

/** Said, and the tests left out, when there is nothing to run them on. */
const NO_PROMTOOL = "skipped: no promtool on the PATH (Debian's package prometheus has it)";

/** Whether promtool is installed; a failure where services are required. */
export function canRunPromtool(): boolean {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env["BURNRATE_REQUIRE_SERVICES"] === "1") {
      throw new Error("BURNRATE_REQUIRE_SERVICES=1, but there is no promtool on the PATH");
    }
    console.warn(NO_PROMTOOL);
    return false;
  }
}

/** What one run of promtool said. */
export interface PromtoolAnswer {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs promtool in a temporary folder that holds these files. */
export async function promtool(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<PromtoolAnswer> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-promtool-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { stdout, stderr } = await run("promtool", [...args], {
      cwd: folder,
      maxBuffer: MAX_BUFFER,
    });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const {
      stdout = "",
      stderr = "",
      message,
    } = error as Error & Partial<Record<"stdout" | "stderr", string>>;
    return { ok: false, output: stdout + stderr || message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
