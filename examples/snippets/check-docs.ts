import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Fails when a snippet in README or docs is not, word for word, part of the compiled file that it
 * names, when a program prints something else than a page says, or when an event or an error code
 * of the source is missing in docs.
 */
const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

const MARKED =
  /<!-- from (examples\/[a-z-]+\/[a-z-]+\.(?:ts|yaml)) -->\n```(?:ts|yaml)\n([\s\S]*?)```/g;

function checkSnippets(page: string): number {
  const snippets = [...read(page).matchAll(MARKED)];
  for (const [, file = "", code = ""] of snippets) {
    if (!read(file).includes(code.trim())) throw new Error(`${page}: a snippet is not in ${file}.`);
  }
  return snippets.length;
}

const PRINTED = /<!-- printed by (examples\/[a-z-]+\/[a-z-]+\.ts) -->\n```text\n([\s\S]*?)```/g;

/** Midnight moves on; everything else that a program prints must be as the page says. */
function withoutDates(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT00:00:00\.000Z/g, "midnight").trim();
}

function checkPrinted(page: string): number {
  const blocks = [...read(page).matchAll(PRINTED)];
  for (const [, file = "", text = ""] of blocks) {
    const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
    const options = ["--conditions=@burnrate/source", path];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
    if (withoutDates(stdout) !== withoutDates(text)) {
      throw new Error(`${page}: ${file} prints something else:\n${stdout}${stderr}`);
    }
  }
  return blocks.length;
}

function checkNames(page: string, source: string, names: RegExp): number {
  const text = read(page);
  const found = [...read(source).matchAll(names)].map(([, name = ""]) => name);
  for (const name of found) if (!text.includes(name)) throw new Error(`${page}: no ${name}.`);
  return found.length;
}

const PAGES = ["README.md", ...readdirSync(new URL("../../docs/", import.meta.url)).map(inDocs)];

function inDocs(name: string): string {
  return `docs/${name}`;
}

function sum(check: (page: string) => number): number {
  return PAGES.reduce((total, page) => total + check(page), 0);
}

const counts = {
  snippets: sum(checkSnippets),
  printed: sum(checkPrinted),
  events: checkNames(
    "docs/events.md",
    "packages/core/src/events/guard-events.ts",
    /readonly "([a-z-]+)":/g,
  ),
  codes: checkNames("docs/errors.md", "packages/core/src/errors/guard-error.ts", /"(BR\d{4})"/g),
};
if (Object.values(counts).includes(0))
  throw new Error(`nothing checked: ${JSON.stringify(counts)}`);
console.log(`docs match the source: ${JSON.stringify(counts)}`);
