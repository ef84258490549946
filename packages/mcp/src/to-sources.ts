import type { GivenSource } from "@burnrate/core";
import { read } from "./shape.ts";

const MAX_SOURCES = 256;

/**
 * What a tool's result says: its texts, the resources in it and those that it links to, and its
 * structured content, unless a text is the same, as the specification wants for older clients.
 */
export function toSources(result: unknown): readonly GivenSource[] {
  const content = read(result, "content");
  const parts = Array.isArray(content) ? content.slice(0, MAX_SOURCES) : [];
  const sources = parts.map(sourceOf).filter((source) => source !== undefined);
  const structured = jsonOf(read(result, "structuredContent"));
  const isKnown = sources.some((source) => jsonOf(parsed(read(source, "text"))) === structured);
  return structured === undefined || isKnown ? sources : [...sources, { text: structured }];
}

function sourceOf(part: unknown): GivenSource | undefined {
  switch (read(part, "type")) {
    case "text":
      return textOf(part, {});
    case "resource": {
      const resource = read(part, "resource");
      return textOf(resource, named({ url: read(resource, "uri") }));
    }
    case "resource_link": {
      const title = read(part, "title") ?? read(part, "name");
      return named({ url: read(part, "uri"), title, text: read(part, "description") });
    }
    default:
      return undefined;
  }
}

function textOf(holder: unknown, names: GivenSource & object): GivenSource | undefined {
  const text = read(holder, "text");
  return typeof text === "string" ? { ...names, text } : undefined;
}

function named(names: Readonly<Record<string, unknown>>): GivenSource & object {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => typeof name === "string"));
}

function jsonOf(value: unknown): string | undefined {
  try {
    return value === undefined ? undefined : JSON.stringify(value);
  } catch {
    return undefined; // no result of a wire
  }
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
