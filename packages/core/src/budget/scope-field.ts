import { checkString } from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { checkContextText } from "../context/extend-context.ts";
import type { BudgetMatch } from "./budget.ts";

const GLOBS: readonly string[] = ["model", "provider", "tool"];
/** As long as the names of models and tools that calls may have. */
const MAX_PATTERN = 500;

/** Wildcards of other glob dialects. Taken literally they would match nothing, in silence. */
const FOREIGN_WILDCARD = /[?[\]{}\\]/;

/** Whether a pattern uses wildcards that ours does not know. */
export function isForeignGlob(text: string): boolean {
  return FOREIGN_WILDCARD.test(text);
}

/**
 * Checks a field of a kill's scope or of a budget's `match`. `model`, `provider` and `tool` are
 * globs with `*` only; the others are exact, and whatever a context can hold can be named. What
 * could match nothing is refused: it would stop or bound nothing, in silence.
 * @throws {ConfigError} `BR9001`
 */
export function checkScopeField(path: string, key: string, value: unknown): string {
  if (GLOBS.includes(key)) return checkPattern(path, value);
  const text = checkContextText(path, key, value);
  if (text.includes("*")) {
    throw optionError(path, value, "an exact name: only model, provider and tool take *");
  }
  if (key === "agent" && text.length > 1 && text.endsWith("/")) {
    throw optionError(path, value, "a path without / at its end: its sub-agents are covered too");
  }
  return text;
}

/** Whether something speaks of tools alone. */
export function isAboutTools({ kind, tool }: Pick<BudgetMatch, "kind" | "tool">): boolean {
  return kind === "tool" || tool !== undefined;
}

/** Whether something speaks of models alone. */
export function isAboutModels({ kind, model }: Pick<BudgetMatch, "kind" | "model">): boolean {
  return kind === "model" || model !== undefined;
}

/**
 * No call is one of a model and of a tool: what names both would stop or bound nothing, in silence.
 * @throws {ConfigError} `BR9001`
 */
export function refuseBothKinds(
  path: string,
  given: Pick<BudgetMatch, "kind" | "model" | "tool">,
): void {
  if (!isAboutModels(given) || !isAboutTools(given)) return;
  throw optionError(
    path,
    given,
    "about models or about tools: no call is both, so it would never apply",
  );
}

/**
 * Checks a pattern for names of models, providers or tools.
 * @throws {ConfigError} `BR9001` for wildcards that it would take literally.
 */
export function checkPattern(path: string, value: unknown): string {
  const text = checkString(path, value, MAX_PATTERN);
  if (!isForeignGlob(text)) return text;
  throw optionError(path, value, "a name in which * is the only wildcard");
}
