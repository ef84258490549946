import type { EvaluatorInput } from "../evaluator.ts";
import { read } from "../shape.ts";
import { toolResultsOf } from "./messages.ts";

const MAX_SOURCES = 10_000;
const NAME_KEYS = ["id", "url", "source", "title", "uri"] as const;

/** What an answer may cite: how many sources there are, and by which names. */
export interface Sources {
  readonly count: number;
  readonly names: ReadonlySet<string>;
}

/**
 * The documents of `context`, else `metadata.context`, else what a guard gathered or tools answered
 * in the messages of `input`; with ids, addresses and titles.
 */
export function readSources(given: EvaluatorInput): Sources | undefined {
  for (const held of [given.context, read(given.metadata, "context")]) {
    if (typeof held === "string") return { count: 1, names: new Set() };
    if (!Array.isArray(held) || held.every(isMissing)) continue;
    return sourcesOf(held, held.length);
  }
  const { sources = [], input } = given;
  const results = toolResultsOf(input);
  const count = Math.max(sources.length, results.length); // mostly the same ones, seen twice
  return count === 0 ? undefined : sourcesOf(sources, count);
}

function sourcesOf(documents: readonly unknown[], count: number): Sources {
  return { count, names: new Set(documents.slice(0, MAX_SOURCES).flatMap(namesOf)) };
}

function isMissing(document: unknown): boolean {
  return document === undefined || document === null;
}

function namesOf(document: unknown): string[] {
  const places = [document, read(document, "metadata")];
  const held = places.flatMap((place) => NAME_KEYS.map((key) => read(place, key)));
  return held
    .filter((name) => typeof name === "string" || typeof name === "number") // a row's id
    .flatMap((name) => withBase(foldName(String(name))));
}

/** A file is cited by its name, wherever it lies. */
function withBase(name: string): string[] {
  const [, base = ""] = /[/\\]([^/\\]+\.\w{2,5})$/u.exec(name) ?? [];
  return base === "" ? [name] : [name, base];
}

/** `M%C3%BCnchen` is `München`: who cites an address writes it either way. */
export function decodeSigns(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/giu, (signs) => {
    try {
      return decodeURIComponent(signs);
    } catch {
      return signs;
    }
  });
}

/** Addresses differ in scheme, `www`, a last slash, letters' case and `%` without meaning to. */
export function foldName(name: string): string {
  const lower = decodeSigns(name.trim().replace(/#.*$/u, "")).toLowerCase();
  return lower.replace(/^https?:\/\/(?:www\.)?/u, "").replace(/\/$/u, "");
}
