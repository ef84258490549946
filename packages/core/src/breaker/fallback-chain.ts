import { quote } from "../config/describe.ts";
import type { BreakerHost } from "./breaker-host.ts";
import type { Fallbacks } from "./check-fallbacks.ts";
import { TOOL_PREFIX } from "./circuit-key.ts";

/**
 * The next models in turn for one whose circuit does not let calls pass. Never goes in a circle.
 */
export function* fallbackChain(
  fallbacks: Fallbacks,
  key: string,
  host: BreakerHost,
): Generator<string> {
  if (fallbacks.size === 0) return;
  if (!fallbacks.has(key) && !key.startsWith(TOOL_PREFIX)) warnOfSpelling(fallbacks, key, host);
  for (let next = fallbacks.get(key); next !== undefined; next = fallbacks.get(next)) yield next;
}

/**
 * Frameworks spell providers in their own way (`openai.responses`): a chain must not be missed in
 * silence.
 */
function warnOfSpelling(fallbacks: Fallbacks, key: string, host: BreakerHost): void {
  const name = nameOf(key);
  const meant = [...fallbacks.keys()].find((other) => nameOf(other) === name);
  if (meant === undefined) return;
  host.warn(
    `fallback:${key}`,
    `${quote(key)} has no fallback, but ${quote(meant)} has. If they are the same, write the key in breaker.fallbacks as guard.circuits() lists it.`,
  );
}

function nameOf(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}
