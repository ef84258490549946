import { ConfigError } from "@burnrate/core";
import { quote } from "@burnrate/core/adapter";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import { type OpenSloObject, type Place, readObject } from "./open-slo-object.ts";

const MAX_CHARACTERS = 1_000_000;
const MAX_OBJECTS = 10_000;
/** Of files of Windows that were put together each may begin with one. */
const BYTE_ORDER_MARKS = /^\uFEFF/gm;
/** Repeated references, so that a few lines cannot unfold into gigabytes. */
const MAX_ALIASES = 100;
/** Of a mapping that references may name: `<<` copies it. */
const MAX_NAMED_KEYS = 1_000;
const TOO_MUCH = `has references (*name) that unfold into too much; write the values out, or use at most ${MAX_ALIASES}`;
const NO_MERGE = "takes fields over with << from what is no mapping";

/**
 * Reads the objects of a YAML text: documents, or lists of objects.
 * @throws {ConfigError} `BR9001` with file and line for what is no YAML, unfolds into too much, or
 *   is no object of OpenSLO v1.
 */
export function readYaml(text: string, file: string): OpenSloObject[] {
  if (typeof text !== "string" || text.length > MAX_CHARACTERS) {
    throw broken(file, 1, `must be text of at most ${MAX_CHARACTERS} characters`);
  }
  const lines = new LineCounter();
  const objects: OpenSloObject[] = [];
  for (const document of parse(text, file, lines)) {
    checkKeys(document, file, lines);
    checkReferences(document, file, lines);
    const value = toValue(document, file, lines);
    if (value === null || value === undefined) continue; // an empty document
    const all = Array.isArray(value) ? value : [value];
    if (objects.length + all.length > MAX_OBJECTS) {
      throw broken(file, 1, `must have at most ${MAX_OBJECTS} objects`);
    }
    for (const [index, one] of all.entries()) {
      const from = Array.isArray(value) ? [index] : [];
      objects.push(readObject(one, placeIn(document, from, file, lines)));
    }
  }
  return objects;
}

function parse(text: string, file: string, lines: LineCounter): Document.Parsed[] {
  let documents: Document.Parsed[];
  try {
    documents = [
      ...parseAllDocuments(text.replace(BYTE_ORDER_MARKS, ""), {
        merge: true, // `<<: *name`, which most tools around OpenSLO understand
        lineCounter: lines,
        prettyErrors: false,
        logLevel: "error",
        uniqueKeys: false, // compares each key with every other: minutes for a hostile file
      }),
    ] as Document.Parsed[];
  } catch {
    throw broken(file, 1, "is nested too deeply; write it flatter");
  }
  for (const { errors, warnings } of documents) {
    const [first] = [...errors, ...warnings];
    if (first === undefined) continue;
    const { line, col } = lines.linePos(first.pos[0]);
    throw broken(file, line, `is not valid YAML at column ${col}: ${first.message}`);
  }
  return documents;
}

/** A key that is written twice would silently win over the first. */
function checkKeys(document: Document.Parsed, file: string, lines: LineCounter): void {
  const checkMap = ({ items }: YAMLMap): void => {
    const seen = new Set<unknown>();
    for (const { key } of items) {
      const name = isScalar(key) ? key.value : key;
      if (seen.has(name)) {
        const { line } = lines.linePos((isNode(key) && key.range?.[0]) || 0);
        throw broken(file, line, `has the key ${quote(String(name))} twice; keys must be unique`);
      }
      seen.add(name);
    }
  };
  visit(document, { Map: (_key, map) => checkMap(map) });
}

/**
 * References are resolved by a search of the whole document each, so that there are few of them.
 */
function checkReferences(document: Document.Parsed, file: string, lines: LineCounter): void {
  const known = new Set<string>();
  let left = MAX_ALIASES;
  visit(document, {
    Value(_key, node) {
      if (node.anchor === undefined) return;
      known.add(node.anchor);
      if (!isMap(node) || node.items.length <= MAX_NAMED_KEYS) return;
      throw broken(file, lines.linePos(node.range?.[0] ?? 0).line, TOO_MUCH);
    },
    Alias(_key, { source, range }) {
      const { line } = lines.linePos(range?.[0] ?? 0);
      if (left-- === 0) throw broken(file, line, TOO_MUCH);
      if (known.has(source)) return;
      const reason = `refers to ${quote(source)}, which nothing before it is called; write the value out, or name it with &`;
      throw broken(file, line, reason);
    },
  });
}

function toValue(document: Document.Parsed, file: string, lines: LineCounter): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const { line } = lines.linePos(document.range[0]);
    throw broken(file, line, /^Error: Merge /.test(String(error)) ? NO_MERGE : TOO_MUCH);
  }
}

function broken(file: string, line: number, reason: string): ConfigError {
  const message = `${file}:${line}: the file ${reason}.`;
  return new ConfigError({ message, scope: file, details: { file, line, reason } });
}

function placeIn(
  document: Document.Parsed,
  from: readonly number[],
  file: string,
  lines: LineCounter,
): Place {
  const lineOf = (path: string): number => {
    const steps: (string | number)[] = [...from, ...stepsOf(path)];
    for (let length = steps.length; length >= 0; length--) {
      const node = nodeAt(document, steps.slice(0, length));
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  return { file, lineOf };
}

/** `spec.objectives[0].target` in steps. */
function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));
}

function nodeAt(document: Document.Parsed, steps: (string | number)[]): Node | undefined {
  try {
    const node = steps.length === 0 ? document.contents : document.getIn(steps, true);
    return isNode(node) ? node : undefined;
  } catch {
    return undefined; // a path through a reference
  }
}
