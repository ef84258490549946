import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { isGone, markOfThis } from "./process-mark.ts";

const own = markOfThis();

it("knows this process to be alive, and one that nobody has to be gone", () => {
  expect(isGone(own, own)).toBe(false);
  expect(isGone({ ...own, pid: 2 ** 22 + 1 }, own)).toBe(true);
});

it.runIf(process.platform === "linux")(
  "knows a process to be gone whose parent never asks how it ended",
  async () => {
    const child = "echo $$; exec sleep 0.1";
    const parent = spawn("sh", ["-c", `sh -c '${child}' & exec sleep 60`]);
    onTestFinished(() => void parent.kill());
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(String(line));
    const mark = { ...own, pid };
    await expect.poll(() => isGone(mark, own), { timeout: 10_000 }).toBe(true);
    expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
  },
);
