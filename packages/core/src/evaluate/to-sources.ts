import type { Source } from "./source.ts";
import { isFile, withoutFiles } from "./without-files.ts";

/** The longest text of a source, in UTF-16 code units; the rest is cut off. */
export const MAX_SOURCE_TEXT = 262_144;
/** Most sources that are read from one result. */
export const MAX_SOURCES_READ = 256;
const MAX_NAME = 2_048;
const MAX_VALUES = 20_000;
const MAX_DEPTH = 32;
const LINES: ReadonlySet<string> = new Set(["string", "number", "boolean", "bigint"]);

/** What was read, and how much was not: sources too many, texts cut off, values that throw. */
export interface ReadSources {
  readonly sources: readonly Source[];
  readonly lost: number;
}

/** Reads sources that somebody names as such. Never throws: one that cannot be read is lost. */
export function readGivenSources(given: unknown, from: string): ReadSources {
  return readEach(given, (value, budget) =>
    typeof value === "string"
      ? sourceOf(value, from, undefined, budget)
      : sourceOf(textAt(value, "text") ?? "", textAt(value, "from") ?? from, value, budget),
  );
}

/**
 * Reads what a tool returned: a text or a part of text as it is, data as a line for each value,
 * each element of a list as a source of its own. Files are no texts. Never throws.
 */
export function readOutput(output: unknown, from: string): ReadSources {
  if (output === undefined || output === null) return { sources: [], lost: 0 };
  return readEach(output, (value, budget) => {
    const text = typeof value === "string" ? value : textOfPart(value);
    return text === undefined
      ? sourceOf(linesOf(value, budget), from, value, budget)
      : sourceOf(isFile(text) ? "" : text, from, undefined, budget);
  });
}

/** The text of a content part, as frameworks' tools return them. */
function textOfPart(value: unknown): string | undefined {
  return textAt(value, "type") === "text" ? textAt(value, "text") : undefined;
}

interface Budget {
  values: number;
  length: number;
  /** Whether something of the value at hand did not fit. */
  isCut: boolean;
}

function readEach(
  given: unknown,
  toSource: (value: unknown, budget: Budget) => Source | undefined,
): ReadSources {
  const sources: Source[] = [];
  const budget: Budget = { values: MAX_VALUES, length: MAX_SOURCE_TEXT, isCut: false };
  let lost = 0;
  try {
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    lost = Math.max(0, values.length - MAX_SOURCES_READ);
    for (let index = 0; index < Math.min(values.length, MAX_SOURCES_READ); index++) {
      const source = readOne(() => toSource(values[index], budget), budget);
      if (source !== undefined) sources.push(source);
      if (budget.isCut) lost++;
    }
  } catch {
    lost++; // a list that cannot even be counted
  }
  return { sources, lost };
}

function readOne(toSource: () => Source | undefined, budget: Budget): Source | undefined {
  budget.isCut = false;
  try {
    return toSource();
  } catch {
    budget.isCut = true;
    return undefined;
  }
}

function sourceOf(given: string, from: string, names: unknown, budget: Budget): Source | undefined {
  const text = withoutFiles(given);
  const source: { -readonly [key in keyof Source]: Source[key] } = { text, from };
  if (text.length > MAX_SOURCE_TEXT) {
    source.text = copyOf(text.slice(0, MAX_SOURCE_TEXT));
    budget.isCut = true;
  }
  const id = textAt(names, "id");
  const url = textAt(names, "url") ?? textAt(names, "uri");
  const title = textAt(names, "title");
  if (id !== undefined) source.id = id;
  if (url !== undefined) source.url = url;
  if (title !== undefined) source.title = title;
  const isEmpty = text === "" && id === undefined && url === undefined && title === undefined;
  return isEmpty ? undefined : Object.freeze(source);
}

/** A part of a text keeps the whole of it alive, unless it is written anew. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

function textAt(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const held = (value as Readonly<Record<string, unknown>>)[key];
  return typeof held === "string" && held !== "" && (key === "text" || held.length <= MAX_NAME)
    ? held
    : undefined;
}

/**
 * Each value of some data on a line, behind its name. Files and cycles end where the budget does.
 */
function linesOf(value: unknown, budget: Budget): string {
  const lines: string[] = [];
  gather(value, "", lines, budget, 0);
  return lines.join("\n");
}

/** Whether there is room for more. */
function gather(
  value: unknown,
  name: string,
  lines: string[],
  budget: Budget,
  depth: number,
): boolean {
  const hasRoom = budget.values > 0 && budget.length > 0;
  if (!hasRoom || depth > MAX_DEPTH) {
    budget.isCut = true;
    return hasRoom;
  }
  budget.values--;
  if (Array.isArray(value)) {
    return value.every((inner) => gather(inner, name, lines, budget, depth + 1));
  }
  if (!isData(value)) return addLine(value, name, lines, budget);
  return Object.keys(value).every((key) => gather(value[key], key, lines, budget, depth + 1));
}

/** Bytes are no text, and a date is one. */
function isData(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date)
  );
}

function addLine(value: unknown, name: string, lines: string[], budget: Budget): boolean {
  const isDate = value instanceof Date;
  if (!isDate && !LINES.has(typeof value)) return true;
  const given = isDate ? value.toISOString() : String(value);
  if (isFile(given)) return true;
  const text = withoutFiles(given);
  const line = name === "" ? text : `${name}: ${text}`;
  if (line.length > budget.length) budget.isCut = true;
  lines.push(line.length > budget.length ? copyOf(line.slice(0, budget.length)) : line);
  budget.length -= line.length;
  return true;
}
