import { readFile, stat } from "node:fs/promises";
import { ConfigError } from "@burnrate/core";
import { isRecord } from "../shape.ts";
import type { LabelledItem } from "./label.ts";

const KEYS = ["id", "input", "output", "expected", "context", "metadata", "good"];
const MAX_BYTES = 256 * 1024 * 1024;
const EXAMPLE = '{"output": "…", "good": true}';

/**
 * Reads labels from a JSON Lines file: one {@link LabelledItem} a line, empty lines left out.
 * @throws {ConfigError} `BR9001` naming file and line of what is wrong, never what it says.
 */
export async function readLabels(path: string): Promise<readonly LabelledItem[]> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw labelError(path, undefined, `is larger than ${MAX_BYTES} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw labelError(path, undefined, "cannot be read");
  }
  return parseLabels(text, path);
}

/**
 * Reads labels from JSON Lines.
 * @param file What messages call the text.
 * @throws {ConfigError} `BR9001` naming file and line.
 */
export function parseLabels(text: string, file: string): readonly LabelledItem[] {
  if (typeof text !== "string") throw labelError(file, undefined, "is no text");
  const labels: LabelledItem[] = [];
  const ids = new Map<string, number>();
  for (const [at, line] of text
    .replace(/^\ufeff/u, "")
    .split("\n")
    .entries()) {
    if (line.trim() === "") continue;
    const label = toLabel(line, file, at + 1);
    const earlier = label.id === undefined ? undefined : ids.get(label.id);
    if (earlier !== undefined) throw labelError(file, at + 1, `has the id of line ${earlier}`);
    if (label.id !== undefined) ids.set(label.id, at + 1);
    labels.push(label);
  }
  if (labels.length === 0) throw labelError(file, undefined, "has no labels");
  return labels;
}

function toLabel(line: string, file: string, number: number): LabelledItem {
  const value = parseLine(line, file, number);
  if (!isRecord(value)) throw labelError(file, number, "is no JSON object");
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw labelError(file, number, `has a field that is none of ${KEYS.join(", ")}`);
  }
  const { output, good, id } = value;
  if (output === undefined || output === null) throw labelError(file, number, "has no output");
  if (typeof good !== "boolean") throw labelError(file, number, "has no good: true or false");
  if (id !== undefined && typeof id !== "string")
    throw labelError(file, number, "has an id that is no text");
  return { ...value, output, good } as LabelledItem;
}

function parseLine(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw labelError(file, number, "is no JSON");
  }
}

function labelError(file: string, line: number | undefined, problem: string): ConfigError {
  const place = line === undefined ? file : `${file}:${line}`;
  return new ConfigError({
    message: `${place} ${problem}. A label file has one object a line, such as ${EXAMPLE}.`,
    scope: place,
    details: line === undefined ? { file } : { file, line },
  });
}
