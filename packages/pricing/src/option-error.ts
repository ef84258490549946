import { ConfigError } from "@burnrate/core";

const MAX_SHOWN = 60;

/** Says where an option is wrong, what was given and what is allowed. */
export function optionError(path: string, given: unknown, expected: string): ConfigError {
  const shown = show(given);
  return new ConfigError({
    message: `${path} must be ${expected}; got ${shown}.`,
    scope: path,
    details: { option: path, given: shown },
  });
}

/** A misspelt key would leave a price out without a word. */
export function unknownKeyError(
  path: string,
  key: string,
  allowed: readonly string[],
): ConfigError {
  const meant = nearest(key, allowed);
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  return new ConfigError({
    message: `${path} has no option ${show(key)}; allowed are ${allowed.join(", ")}.${hint}`,
    scope: path,
    details: { option: path, given: show(key), allowed, ...(meant && { nearest: meant }) },
  });
}

/** The candidate within a third of the word's length, by letters to change. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** @see https://en.wikipedia.org/wiki/Levenshtein_distance (two rows) */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return String(value).slice(0, MAX_SHOWN);
}
