import type { GivenSource } from "@burnrate/core";
import { fieldsOf } from "./sdk-types.ts";

/** The most of a file that is read, in bytes; core keeps fewer characters. */
const MAX_BYTES = 1_048_576;
const MAX_SOURCES = 256;
const UNREADABLE: GivenSource = {
  get text(): never {
    throw new TypeError("This part cannot be read.");
  },
};

/**
 * What an answer may rely on besides its task's tools: what it cites, what tools of the provider
 * returned, and text files of the request.
 */
export function toSources(content: unknown, prompt: unknown): readonly GivenSource[] {
  const parts = [...filesIn(prompt), ...(Array.isArray(content) ? content : [])];
  const sources: GivenSource[] = [];
  for (const part of parts) {
    const source = readSource(part);
    if (source !== undefined && sources.length < MAX_SOURCES) sources.push(source);
  }
  return sources;
}

/** A part that throws, or has cycles, fails no call: core counts it as a source that is lost. */
function readSource(part: unknown): GivenSource | undefined {
  try {
    return sourceOf(fieldsOf(part));
  } catch {
    return UNREADABLE;
  }
}

/** The file parts of a conversation's messages. */
function filesIn(prompt: unknown): unknown[] {
  if (!Array.isArray(prompt)) return [];
  return prompt.flatMap((message) => {
    const { content } = fieldsOf(message);
    return Array.isArray(content)
      ? content.filter((part) => fieldsOf(part)["type"] === "file")
      : [];
  });
}

function sourceOf(part: Readonly<Record<string, unknown>>): GivenSource | undefined {
  const { type, id, url, title, filename, toolName } = part;
  if (type === "source") return { ...named({ id, url, title: title ?? filename }), from: "model" };
  if (type === "tool-result") return resultOf(part["result"], toolName);
  if (type !== "file") return undefined;
  const text = textOf(part);
  return text === undefined ? undefined : { ...named({ title: filename }), text, from: "prompt" };
}

function named(names: Readonly<Record<string, unknown>>): GivenSource & object {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => typeof name === "string"));
}

function resultOf(result: unknown, toolName: unknown): GivenSource {
  const text = typeof result === "string" ? result : (JSON.stringify(result) ?? "");
  return { text, from: typeof toolName === "string" ? toolName : "model" };
}

/** The text of a file, as versions 5 to 7 hold it: bytes, base64, or a text that says so. */
function textOf({ mediaType, data }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof mediaType !== "string" || !/^text(\/|$)|^application\/json/u.test(mediaType)) {
    return undefined;
  }
  const { type, text, data: inner } = fieldsOf(data);
  if (type === "text" && typeof text === "string") return text;
  const held = type === "data" ? inner : data;
  if (held instanceof Uint8Array) return new TextDecoder().decode(held.subarray(0, MAX_BYTES));
  return typeof held === "string" && !/^https?:/u.test(held)
    ? Buffer.from(held.slice(0, MAX_BYTES), "base64").toString()
    : undefined;
}
