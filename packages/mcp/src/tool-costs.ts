import { ConfigError } from "@burnrate/core";
import { checkObject, compileGlob, optionError, quote } from "@burnrate/core/adapter";
import { isName, MAX_NAME } from "./mcp-client.ts";

/**
 * Flat prices in dollars a call. Keys are tool names or patterns with `*` (`search_*`): a tool's
 * own name comes first, then the pattern with the most other characters, then the dearest. Or a
 * function; undefined: no price.
 */
export type ToolCosts = Readonly<Record<string, number>> | ((tool: string) => number | undefined);

/** Finds what a tool costs; undefined: no price. */
export type CostOf = (tool: string) => number | undefined;

/** The most that is counted exactly in nano-dollars. */
const MAX_USD = 9_007_199;

interface PricePattern {
  readonly literals: number;
  readonly usd: number;
  matches(tool: string): boolean;
}

/** @throws {ConfigError} `BR9001` for a price that is none, or a name that no tool can have. */
export function checkCosts(costs: unknown, path = "guardClient.costs"): CostOf {
  if (costs === undefined) return () => undefined;
  if (typeof costs === "function") return (tool) => priceFrom(costs as CostOf, tool, path);
  const prices = new Map<string, number>();
  const patterns: PricePattern[] = [];
  for (const [tool, usd] of Object.entries(readCosts(costs, path))) {
    if (!isPrice(usd)) throw priceError(`${path}[${quote(tool)}]`, usd);
    prices.set(checkName(tool, path), usd);
    // Also a plain name: one that is spelt in other case is not free.
    patterns.push({
      literals: tool.includes("*") ? tool.replaceAll("*", "").length : Number.POSITIVE_INFINITY,
      usd,
      matches: compileGlob(tool),
    });
  }
  patterns.sort((a, b) => (a.literals === b.literals ? b.usd - a.usd : b.literals - a.literals));
  return (tool) => prices.get(tool) ?? patterns.find((pattern) => pattern.matches(tool))?.usd;
}

function readCosts(costs: unknown, path: string): Readonly<Record<string, unknown>> {
  try {
    return checkObject(path, costs);
  } catch {
    const expected = 'prices in dollars by tool, such as { "search_*": 0.01 }, or a function';
    throw optionError(path, costs, expected);
  }
}

function checkName(tool: string, path: string): string {
  if (isName(tool)) return tool;
  const expected = `a tool's name of 1 to ${MAX_NAME} characters, no control characters`;
  throw optionError(`a key of ${path}`, tool, expected);
}

/** @throws {ConfigError} `BR9001` when the application's function returns no price. */
function priceFrom(
  costs: (tool: string) => unknown,
  tool: string,
  path: string,
): number | undefined {
  let usd: unknown;
  try {
    usd = costs(tool);
  } catch {
    // What it threw may hold a secret.
    const message = `${path}(${quote(tool)}) threw; it must return a price or undefined.`;
    throw new ConfigError({ message, scope: path });
  }
  if (usd === undefined || isPrice(usd)) return usd;
  throw priceError(`${path}(${quote(tool)})`, usd);
}

function isPrice(usd: unknown): usd is number {
  return typeof usd === "number" && usd >= 0 && usd <= MAX_USD;
}

function priceError(path: string, usd: unknown): ConfigError {
  return optionError(path, usd, `dollars from 0 to ${MAX_USD}`);
}
