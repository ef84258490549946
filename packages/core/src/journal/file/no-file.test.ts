import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileJournal } from "../../index.ts";
import { formatHeader } from "./header.ts";
import { markOfThis } from "./process-mark.ts";

it.skipIf(process.platform === "win32")(
  "a pipe, a folder or a link with the name of a journal is left alone, and waited for by nobody",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "burnrate-journal-"));
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, "pipe.journal")]);
    mkdirSync(join(folder, "folder.journal"));
    writeFileSync(join(folder, "elsewhere"), formatHeader("s", markOfThis()));
    symlinkSync(join(folder, "elsewhere"), join(folder, "link.journal"));
    symlinkSync("/dev/zero", join(folder, "endless.journal"));
    expect(await fileJournal(folder).left("s")).toEqual([]);
    rmSync(folder, { recursive: true });
  },
);
