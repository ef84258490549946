import type { GivenSource } from "@burnrate/core";
import { read, readText } from "./shape.ts";

const MAX_DOCUMENTS = 256;

/** Documents as LangChain's retrievers and tools give them; undefined when there are none. */
export function toSources(documents: unknown, from: string): readonly GivenSource[] | undefined {
  if (!Array.isArray(documents)) return undefined;
  const sources = documents
    .slice(0, MAX_DOCUMENTS)
    .filter((document) => typeof read(document, "pageContent") === "string")
    .map((document) => toSource(document, from));
  return sources.length === 0 ? undefined : sources;
}

/** Loaders write where a document comes from as `source`, be it an address or a file. */
function toSource(document: unknown, from: string): GivenSource {
  const metadata = read(document, "metadata");
  const id = readText(document, "id") ?? readText(metadata, "id");
  const url = readText(metadata, "url") ?? readText(metadata, "source");
  const title = readText(metadata, "title");
  return {
    text: readText(document, "pageContent") ?? "",
    from,
    ...(id !== undefined && { id }),
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
  };
}
