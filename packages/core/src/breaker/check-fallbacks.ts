import { checkObject, checkString } from "../config/check-object.ts";
import { quote } from "../config/describe.ts";
import { optionError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import { TOOL_PREFIX } from "./circuit-key.ts";

/** The next model by the key of one whose circuit is open. Without cycles. */
export type Fallbacks = ReadonlyMap<string, string>;

/**
 * Checks fallback chains.
 * @throws {ConfigError} `BR9001` for a cycle, which would have no end when all of it is down.
 */
export function checkFallbacks(path: string, value: unknown): Fallbacks {
  const fallbacks = new Map<string, string>();
  if (value === undefined) return fallbacks;
  for (const [from, to] of Object.entries(checkObject(path, value))) {
    const where = `${path}[${quote(from)}]`;
    fallbacks.set(checkModel(where, from), checkModel(where, to));
  }
  for (const from of fallbacks.keys()) refuseCycle(path, fallbacks, from);
  return fallbacks;
}

function checkModel(path: string, value: unknown): string {
  const key = checkString(path, value);
  if (!key.startsWith(TOOL_PREFIX) && !key.includes("*")) return key;
  throw optionError(path, value, "a provider/model: neither tools nor patterns have fallbacks");
}

function refuseCycle(path: string, fallbacks: Fallbacks, from: string): void {
  const chain = [from];
  for (let next = fallbacks.get(from); next !== undefined; next = fallbacks.get(next)) {
    chain.push(next);
    if (next === from) {
      throw new ConfigError({
        message: `${path} goes round in a circle: ${chain.map(quote).join(" → ")}. Take one of them out, so that the chain has an end.`,
        scope: path,
        details: { option: path, cycle: chain },
      });
    }
    if (chain.length > fallbacks.size + 1) return; // a circle further on: told from there
  }
}
