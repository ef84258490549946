import { refuseUnknownKeys } from "../config/check-object.ts";
import { ConfigError } from "../errors/config-error.ts";
import type { CallContext } from "./call-context.ts";

const TEXT_KEYS = [
  "org",
  "team",
  "user",
  "agent",
  "agentVersion",
  "session",
  "task",
  "correlation",
  "environment",
] as const;
const FIXED_KEYS = ["org", "team", "user"] as const;
const MAX_TEXT = 256;
const MAX_LABELS = 32;

/**
 * Adds an inner context to an outer one. Who pays (`org`, `team`, `user`) cannot change inside,
 * and an inner agent is a sub-agent: it extends the path.
 *
 * @throws {ConfigError} `BR9001` on a conflict, an unknown key or a value that is no short text.
 */
export function extendContext(outer: CallContext, inner: CallContext): CallContext {
  refuseUnknownKeys("context", inner, [...TEXT_KEYS, "labels"]);
  const merged: Record<string, unknown> = { ...outer };
  for (const key of TEXT_KEYS) {
    const value: unknown = inner[key];
    if (value === undefined) continue;
    merged[key] = checkText(key, value);
  }
  for (const key of FIXED_KEYS) refuseChange(key, outer[key], merged[key] as string | undefined);
  if (inner.agent !== undefined) merged["agent"] = extendAgent(outer.agent, inner.agent);
  if (inner.labels !== undefined) merged["labels"] = mergeLabels(outer.labels, inner.labels);
  return Object.freeze(merged);
}

function checkText(key: string, value: unknown): string {
  if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT) return value;
  throw new ConfigError({
    message: `context.${key} must be a text of 1 to ${MAX_TEXT} characters, not ${typeof value === "string" ? `one of ${value.length}` : typeof value}.`,
    scope: `context.${key}`,
  });
}

function refuseChange(key: string, outer: string | undefined, inner: string | undefined): void {
  if (outer === undefined || inner === outer) return;
  throw new ConfigError({
    message: `context.${key} is already set and cannot change inside: who pays is decided once, at the edge. Set it in the outermost guard.with or guard.task only.`,
    scope: `context.${key}`,
  });
}

function extendAgent(outer: string | undefined, inner: string): string {
  if (outer === undefined || inner === outer || inner.startsWith(`${outer}/`)) return inner;
  return checkText("agent", `${outer}/${inner}`);
}

function mergeLabels(
  outer: CallContext["labels"],
  inner: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const merged = { ...outer, ...inner };
  const entries = Object.entries(merged);
  const bad = entries.find(([, value]) => typeof value !== "string" || value.length > MAX_TEXT);
  if (bad === undefined && entries.length <= MAX_LABELS) return Object.freeze(merged);
  throw new ConfigError({
    message:
      bad === undefined
        ? `context.labels has ${entries.length} entries; at most ${MAX_LABELS} are allowed.`
        : `context.labels.${bad[0].slice(0, 64)} must be a text of at most ${MAX_TEXT} characters.`,
    scope: "context.labels",
  });
}
