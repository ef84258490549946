import { readFileSync } from "node:fs";

/** Fails when a snippet in README is not, word for word, part of the compiled file that it names. */
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const marked = /<!-- from (examples\/snippets\/[a-z-]+\.ts) -->\n```ts\n([\s\S]*?)```/g;
const snippets = [...readme.matchAll(marked)];
if (snippets.length === 0) throw new Error("README has no marked snippets.");
for (const [, file = "", code = ""] of snippets) {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  if (!source.includes(code.trim())) throw new Error(`README's snippet is not in ${file}.`);
}
console.log(`${snippets.length} snippets in README match their files.`);
