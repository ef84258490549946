import { spawnSync } from "node:child_process";

/** What the summary says where there is none. */
export const NO_NODE_22 = "skipped: no Node 22 (set NODE_22 to its binary)";

/** The binary of a Node 22 on this machine, as the environment names it, or the PATH. */
export function findNode22(): string | undefined {
  const candidates = [process.env["NODE_22"], "node22", "node"];
  return candidates.find((path) => path !== undefined && isNode22(path));
}

function isNode22(path: string): boolean {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return stdout?.startsWith("v22.") === true;
}
