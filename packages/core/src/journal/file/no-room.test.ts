import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileJournal } from "../../index.ts";

const SOURCE = new URL("./file-journal.ts", import.meta.url).href;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "burnrate-journal-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in a process of its own, where files may grow to so many blocks; what it says. */
function run(blocks: number | "unlimited", program: string): string {
  const code = `
    import { chmodSync, readdirSync } from "node:fs";
    import { fileJournal } from "${SOURCE}";
    const folder = ${JSON.stringify(folder)};
    ${program}`;
  const shell = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];
  return execFileSync("sh", ["-c", shell, process.execPath, ...node], { encoding: "utf8" }).trim();
}

describe.skipIf(process.platform === "win32")("where nothing can be written", () => {
  it("a journal that cannot be begun leaves no file behind, and none open", () => {
    const said = run(
      0,
      `const journal = fileJournal(folder);
      const open = () => readdirSync("/dev/fd").length;
      const before = open();
      for (let time = 0; time < 5; time++) {
        try { journal.open("s"); } catch ({ code }) { process.stdout.write(code + " "); }
      }
      process.stdout.write(String(open() - before));`,
    );
    expect(said).toBe("EFBIG EFBIG EFBIG EFBIG EFBIG 0");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("a journal that cannot be removed from its folder is emptied, which is as good", async () => {
    run(
      "unlimited",
      `const part = fileJournal(folder).open("s");
      part.append("one\\n");
      chmodSync(folder, 0o555);
      if (process.getuid() === 0) process.seteuid(65534);
      part.discard();`,
    );
    const [name] = readdirSync(folder);
    expect(statSync(join(folder, name as string)).size).toBe(0);
    expect(await fileJournal(folder).left("s")).toEqual([]);
  });
});
