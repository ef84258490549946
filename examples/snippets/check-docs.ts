import { readFileSync } from "node:fs";

/**
 * Fails when a snippet in README or docs is not, word for word, part of the compiled file that it
 * names, or when an event or an error code of the source is missing in docs.
 */
const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

const MARKED = /<!-- from (examples\/snippets\/[a-z-]+\.ts) -->\n```ts\n([\s\S]*?)```/g;

function checkSnippets(page: string): number {
  const snippets = [...read(page).matchAll(MARKED)];
  for (const [, file = "", code = ""] of snippets) {
    if (!read(file).includes(code.trim())) throw new Error(`${page}: a snippet is not in ${file}.`);
  }
  return snippets.length;
}

function checkNames(page: string, source: string, names: RegExp): number {
  const text = read(page);
  const found = [...read(source).matchAll(names)].map(([, name = ""]) => name);
  for (const name of found) if (!text.includes(name)) throw new Error(`${page}: no ${name}.`);
  return found.length;
}

const counts = {
  snippets: checkSnippets("README.md") + checkSnippets("docs/concepts.md"),
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
