import { ConfigError } from "../errors/config-error.ts";
import { describe, quote } from "./describe.ts";
import { nearest } from "./nearest.ts";

const MAX_LISTED = 40;

/** What a wrong option should have been. `nearest` is the spelling that was probably meant. */
export interface OptionHints {
  readonly allowed?: readonly string[];
  readonly nearest?: string | undefined;
}

/**
 * Makes the one `ConfigError` (`BR9001`) for a wrong value: where, what is allowed, what was given.
 * @example
 * throw optionError("limits.maxDepth", "ten", "a whole number");
 * // BR9001 limits.maxDepth must be a whole number; got "ten".
 */
export function optionError(
  path: string,
  given: unknown,
  expected: string,
  hints: OptionHints = {},
): ConfigError {
  const meant = hints.nearest === undefined ? "" : ` Did you mean ${quote(hints.nearest)}?`;
  return new ConfigError({
    message: `${path} must be ${expected}; got ${describe(given)}.${meant}`,
    scope: path,
    details: { option: path, given: describe(given), ...presentHints(hints) },
  });
}

/**
 * The same for a value that must be one of a few words; finds the nearest by itself. `otherwise`
 * says what it may be beside a word.
 */
export function choiceError(
  path: string,
  given: unknown,
  allowed: readonly string[],
  otherwise?: string,
): ConfigError {
  const or = otherwise === undefined ? "" : `, or ${otherwise}`;
  return optionError(path, given, `one of ${listWords(allowed)}${or}`, {
    allowed,
    nearest: typeof given === "string" ? nearest(given, allowed) : undefined,
  });
}

/**
 * Makes the `ConfigError` for a key that does not exist, which would otherwise be ignored in
 * silence.
 */
export function unknownKeyError(
  path: string,
  key: string,
  allowed: readonly string[],
): ConfigError {
  const hints = { allowed, nearest: nearest(key, allowed) };
  const meant = hints.nearest === undefined ? "" : ` Did you mean ${quote(hints.nearest)}?`;
  return new ConfigError({
    message: `${path} has no option ${quote(key)}; allowed are ${listWords(allowed)}.${meant}`,
    scope: path,
    details: { option: path, given: quote(key), ...presentHints(hints) },
  });
}

function presentHints(hints: OptionHints): OptionHints {
  return {
    ...(hints.allowed && { allowed: hints.allowed }),
    ...(hints.nearest !== undefined && { nearest: hints.nearest }),
  };
}

function listWords(words: readonly string[]): string {
  const shown = words.slice(0, MAX_LISTED).map(quote).join(", ");
  return words.length > MAX_LISTED ? `${shown}, …` : shown;
}
