import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fileJournal } from "../../index.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "burnrate-journal-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("says nothing of a guard that wakes up while somebody looks at its journal", async () => {
  const owner = fileJournal(folder).open("s");
  owner.append("one\n");
  const [left] = await fileJournal(folder).left("s");
  owner.append("two\n");
  expect(await left?.read()).toBe("");
  const [next] = await fileJournal(folder).left("s");
  expect(await next?.read()).toBe("one\ntwo\n");
  owner.replace("three\n");
  expect(await next?.read()).toBe("");
  owner.leave();
});

it("says nothing of a journal that somebody else has told and removed meanwhile", async () => {
  const owner = fileJournal(folder).open("s");
  owner.append("one\n");
  owner.leave();
  const [[one], [other]] = [
    await fileJournal(folder).left("s"),
    await fileJournal(folder).left("s"),
  ];
  await one?.remove();
  expect(await other?.read()).toBe("");
  await other?.remove();
});
