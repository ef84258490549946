import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What is wrong with the data, with file and line: said without a stack, because it is no fault. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** What a field of a line must be. */
export type FieldKind = "text" | "list" | "object" | "any";

/** What is measured on one folder of the data. */
export interface Part {
  /** Without these nothing of it can be measured. */
  readonly files: readonly string[];
  measure(folder: string): void | Promise<void>;
}

export interface Line {
  readonly text: string;
  /** The file and the number of the line, for messages. */
  readonly place: string;
}

/**
 * The folder behind `--data`; undefined without the flag.
 * @throws {DataError} for one that is no folder, or has none of the parts.
 */
export function dataFolder(args: readonly string[], parts: readonly string[]): string | undefined {
  const at = args.indexOf("--data");
  if (at < 0) return undefined;
  const folder = args[at + 1];
  if (folder === undefined) throw new DataError("--data needs a folder");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new DataError(`--data ${folder}: no such folder`);
  }
  if (!parts.some((part) => isFolder(join(folder, part)))) {
    throw new DataError(`--data ${folder}: has none of the folders ${parts.join(", ")}`);
  }
  return folder;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The lines that are not empty, each with its place. */
export function readLines(path: string): Line[] {
  return readFileSync(path, "utf8")
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((text, index) => ({ text, place: `${path}:${index + 1}` }))
    .filter(({ text }) => text.trim() !== "");
}

type Fields<T> = Readonly<Partial<Record<keyof T & string, FieldKind>>>;

/**
 * Reads JSON Lines.
 * @throws {DataError} naming file and line of what is no object or lacks a field.
 */
export function readRecords<T>(path: string, fields: Fields<T>): T[] {
  return readLines(path).map(({ text, place }) => toRecord(parse(text, place), place, fields));
}

/**
 * Reads a file that is one JSON list.
 * @throws {DataError} naming the file, and which of its entries is wrong.
 */
export function readEntries<T>(path: string, fields: Fields<T>): T[] {
  const list = parse(readFileSync(path, "utf8"), path);
  if (!Array.isArray(list)) throw new DataError(`${path}: is no JSON list`);
  return list.map((value, at) => toRecord<T>(value, `${path}, entry ${at + 1}`, fields));
}

/** Refuses a folder in which some file of JSON Lines is none, before anything is measured. */
export function checkJsonLines(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".jsonl"))) {
    readRecords(join(folder, file), {});
  }
}

function toRecord<T>(value: unknown, place: string, fields: Fields<T>): T {
  if (kindOf(value) !== "object") throw new DataError(`${place}: is no JSON object`);
  const record = value as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries<FieldKind | undefined>(fields)) {
    const found = kindOf(record[name]);
    if (found === undefined) throw new DataError(`${place}: has no "${name}"`);
    if (kind !== "any" && kind !== found) throw new DataError(`${place}: "${name}" is no ${kind}`);
  }
  return value as T;
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DataError(`${place}: is no JSON`);
  }
}

function kindOf(value: unknown): FieldKind | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return "text";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "object" : "any";
}
