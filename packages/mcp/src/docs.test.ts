import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const read = (file: string): string =>
  readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
const page = read("docs/mcp.md");
const snippets = [...page.matchAll(/<!-- from (\S+) -->\n```ts\n([\s\S]*?)```/g)];
const printed = [...page.matchAll(/<!-- printed by (\S+) -->\n```text\n([\s\S]*?)```/g)];

test("each snippet of the page is part of a program that is compiled and run", () => {
  expect(snippets.length).toBeGreaterThan(2);
  for (const [, file = "", code = ""] of snippets) expect(read(file)).toContain(code.trimEnd());
});

test("the example prints what the page says, against a real server over stdio", async () => {
  expect(printed).toHaveLength(1);
  for (const [, file = "", text = ""] of printed) {
    const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
    const args = ["--conditions=@burnrate/source", path];
    expect((await promisify(execFile)(process.execPath, args)).stdout.trim()).toBe(text.trim());
  }
});
