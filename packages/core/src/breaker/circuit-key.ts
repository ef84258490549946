import type { PendingCall } from "../call/pending-call.ts";

/** What the key of a tool begins with. */
export const TOOL_PREFIX = "tool:";

/**
 * A circuit's key as people read and write it: `openai/gpt-5`, `tool:search`, `tool:files/read`.
 * Joined, because that is one piece of memory: an added text would keep its parts, and be slower to
 * look up.
 */
export function circuitKey(
  kind: PendingCall["kind"],
  provider: string | undefined,
  name: string,
): string {
  const first = kind === "tool" ? TOOL_PREFIX : "";
  return provider === undefined ? [first, name].join("") : [first + provider, name].join("/");
}
