import { ConfigError } from "@burnrate/core";
import { isName } from "./mcp-client.ts";
import { isObject } from "./shape.ts";

/** Flat price of a tool in dollars a call: by name, or by a function (undefined: no price). */
export type ToolCosts = Readonly<Record<string, number>> | ((tool: string) => number | undefined);

/** Options of `guardClient`; all may be left out. */
export interface GuardClientOptions {
  /**
   * Names the server in records, budgets and kills (`{ provider: "search" }`). Default: the name
   * that the server reports, else `mcp`. Set it where a limit depends on it: a server may report
   * any name.
   */
  readonly server?: string;
  /** What a call of a tool costs, in dollars; charged for each call that is sent. */
  readonly costs?: ToolCosts;
  /**
   * What a refusal becomes: an exception (`throw`, the default), or a result with `isError` whose
   * text the model reads (`result`).
   */
  readonly denyMode?: "throw" | "result";
}

/** Options that were checked, ready to use. */
export interface CheckedOptions {
  readonly server: string | undefined;
  readonly denyMode: "throw" | "result";
  /** @throws {ConfigError} `BR9001` when the application's function returns no price. */
  costOf(tool: string): number | undefined;
}

const KEYS = ["server", "costs", "denyMode"] as const;
const DENY_MODES = ["throw", "result"] as const;
/** The most that is counted exactly in nano-dollars. */
const MAX_USD = 9_007_199;
const NANO_DIGITS = 9;

/** @throws {ConfigError} `BR9001` naming the option, what it must be, and the nearest spelling. */
export function checkOptions(options: GuardClientOptions): CheckedOptions {
  if (typeof options !== "object" || options === null) throw wrong("options", "must be an object");
  for (const key of Object.keys(options)) {
    if (!KEYS.some((known) => known === key)) throw unknownKey(key);
  }
  const { server, costs, denyMode = "throw" } = options;
  if (!DENY_MODES.includes(denyMode)) {
    throw wrong("denyMode", `must be "throw" or "result"${didYouMean(denyMode, DENY_MODES)}`);
  }
  return { server: checkServer(server), denyMode, costOf: checkCosts(costs) };
}

function checkServer(server: unknown): string | undefined {
  if (server === undefined) return undefined;
  if (!isName(server))
    throw wrong("server", "must be a text of 1 to 500 characters, no control characters");
  return server;
}

function checkCosts(costs: unknown): (tool: string) => number | undefined {
  if (costs === undefined) return () => undefined;
  if (typeof costs === "function")
    return (tool) => priceFrom(costs as (tool: string) => unknown, tool);
  if (!isObject(costs) || Array.isArray(costs)) {
    throw wrong(
      "costs",
      'must be an object of prices in dollars, such as { "search": 0.01 }, or a function',
    );
  }
  const prices = new Map<string, number>();
  for (const [tool, usd] of Object.entries(costs)) prices.set(tool, checkPrice(tool, usd));
  return (tool) => prices.get(tool);
}

function priceFrom(costs: (tool: string) => unknown, tool: string): number | undefined {
  let usd: unknown;
  try {
    usd = costs(tool);
  } catch {
    throw wrong("costs", `threw for ${shown(tool)}; it must return dollars or undefined`);
  }
  return usd === undefined ? undefined : checkPrice(tool, usd);
}

function checkPrice(tool: string, usd: unknown): number {
  const fits = typeof usd === "number" && usd >= 0 && usd <= MAX_USD;
  // Nano-dollars are whole: what is finer is the noise of someone's arithmetic, or too little.
  const rounded = fits ? Number(usd.toFixed(NANO_DIGITS)) : Number.NaN;
  if (rounded > 0 || usd === 0) return rounded;
  throw wrong(
    "costs",
    `must be dollars from 0 to ${MAX_USD}, at most 9 decimals, for ${shown(tool)}`,
  );
}

function unknownKey(key: string): ConfigError {
  const allowed = KEYS.map((known) => `"${known}"`).join(", ");
  return wrong(shown(key), `is no option; allowed are ${allowed}${didYouMean(key, KEYS)}`);
}

function wrong(option: string, problem: string): ConfigError {
  return new ConfigError({
    message: `guardClient: ${option} ${problem}.`,
    scope: `guardClient.${option}`,
  });
}

/** Names and keys may be hostile: short, on one line, escaped. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60)).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "�");
}

function didYouMean(given: unknown, allowed: readonly string[]): string {
  if (typeof given !== "string") return "";
  const meant = allowed.find((word) => sharedStart(given.toLowerCase(), word.toLowerCase()) >= 3);
  return meant === undefined ? "" : ` (did you mean "${meant}"?)`;
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
