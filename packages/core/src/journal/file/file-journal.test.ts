import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileJournal, systemClock } from "../../index.ts";
import { formatHeader } from "./header.ts";
import { markOfThis } from "./process-mark.ts";

const GONE = 2 ** 22 + 1; // beyond the highest number that a process gets
let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "burnrate-journal-"));
  folder = join(root, "journal");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = (): string[] => readdirSync(folder);
const only = (): string => join(folder, files()[0] as string);

/** A journal as another process of this machine left it. */
function leave(name: string, header: Parameters<typeof formatHeader>[1], store = "s"): string {
  fileJournal(folder).open("other").discard();
  const path = join(folder, name);
  writeFileSync(path, `${formatHeader(store, header)}one\n`);
  return path;
}

describe("the file of a guard", () => {
  it("is for its owner alone, and so is the folder when it is made", () => {
    const part = fileJournal(folder).open("s");
    part.append("one\n");
    part.replace("two\n");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(only()).mode & 0o777).toBe(0o600);
    part.append("three\n");
    expect(readFileSync(only(), "utf8")).toBe(`${formatHeader("s", markOfThis())}two\nthree\n`);
    part.replace("");
    part.append("four\n");
    expect(readFileSync(only(), "utf8")).toBe(`${formatHeader("s", markOfThis())}four\n`);
    part.discard();
    expect(files()).toEqual([]);
  });

  it("is nobody's to be told of while it is open, and others' once it was left", async () => {
    const journal = fileJournal(folder);
    const part = journal.open("s");
    part.append("one\n");
    expect(await journal.left("s")).toEqual([]);
    part.leave();
    const [left] = await journal.left("s");
    expect(await left?.read()).toBe("one\n");
    expect(left?.isGone).toBe(false); // this process lives
  });

  it("that somebody removed is noticed when it is touched", () => {
    const part = fileJournal(folder).open("s");
    part.touch();
    rmSync(only());
    expect(() => part.touch()).toThrow("it was removed");
    part.discard();
  });
});

describe("what others left", () => {
  it("is told with whether its process is gone", async () => {
    const own = markOfThis();
    leave("1.journal", { ...own, pid: GONE });
    leave("2.journal", { ...own, pid: process.ppid });
    leave("3.journal", { ...own, space: "another container", pid: GONE });
    const left = await fileJournal(folder).left("s");
    const gone = Object.fromEntries(left.map(({ name, isGone }) => [name.at(-9), isGone]));
    expect(gone).toEqual({ 1: true, 2: false, 3: false });
  });

  it("is none of another store, another start of the machine, or another format", async () => {
    const own = { ...markOfThis(), pid: GONE };
    leave("1.journal", own, "another store");
    leave("2.journal", { ...own, boot: "before the power cut" });
    leave("3.journal", { ...own, boot: 1_000 });
    writeFileSync(join(folder, "4.journal"), '{"format":2,"store":"s"}\n');
    writeFileSync(join(folder, "5.journal"), "");
    writeFileSync(join(folder, "6.txt"), formatHeader("s", own));
    expect(await fileJournal(folder).left("s")).toEqual([]);
    expect(files()).toHaveLength(6);
  });

  it("is removed when no store takes it any more", async () => {
    const path = leave("1.journal", { ...markOfThis(), pid: GONE });
    const old = new Date(systemClock.wallMs() - 31 * 86_400_000);
    utimesSync(path, old, old);
    expect(await fileJournal(folder).left("s")).toEqual([]);
    expect(files()).toEqual([]);
  });

  it("changes its stamp when it is written or touched", async () => {
    const owner = fileJournal(folder).open("s");
    const journal = fileJournal(folder);
    const stamp = async (): Promise<string | undefined> => (await journal.left("s"))[0]?.stamp;
    const before = new Date(systemClock.wallMs() - 60_000);
    for (const change of [
      () => owner.append("one\n"),
      () => owner.touch(),
      () => owner.replace("two\n"),
    ]) {
      utimesSync(only(), before, before);
      const old = await stamp();
      expect(old).toBe(await stamp());
      change();
      expect(await stamp()).not.toBe(old);
    }
    owner.discard();
  });

  it("nothing, where there is no folder", async () => {
    expect(await fileJournal(folder).left("s")).toEqual([]);
  });
});

describe("bad input", () => {
  it.each([[""], [7], [null], ["x".repeat(5_000)]])("refuses %j as its folder", (given) => {
    const wrong = expect.objectContaining({
      code: "BR9001",
      message: expect.stringContaining("folder"),
    });
    expect(() => fileJournal(given as never)).toThrow(wrong);
  });

  it("says when there can be no folder", () => {
    writeFileSync(folder, "something else");
    expect(() => fileJournal(folder).open("s")).toThrow("EEXIST");
  });
});
