import type { PendingCall } from "../call/pending-call.ts";

/** What the key of a tool begins with. */
export const TOOL_PREFIX = "tool:";

/**
 * A circuit's key as people read and write it: `openai/gpt-5`, `tool:search`, `tool:files/read`.
 */
export function circuitKey(
  kind: PendingCall["kind"],
  provider: string | undefined,
  name: string,
): string {
  const path = provider === undefined ? name : `${provider}/${name}`;
  return kind === "tool" ? TOOL_PREFIX + path : path;
}
