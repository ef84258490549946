import { checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { quote } from "../config/describe.ts";
import { optionError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import { type CallContext, CONTEXT_FIELDS, CONTEXT_TEXTS } from "./call-context.ts";

const FIXED_KEYS = ["org", "team", "user"] as const;
const MAX_TEXT = 256;
/** Of an agent with all those around it: as deep as delegation goes, by names of 31 characters. */
const MAX_AGENT_PATH = 512;
const MAX_LABELS = 32;

/**
 * Adds an inner context to an outer one. Who pays (`org`, `team`, `user`) cannot change inside,
 * and an inner agent is a sub-agent: it extends the path.
 *
 * @throws {ConfigError} `BR9001` on a conflict, an unknown key or a value that is no short text.
 */
export function extendContext(outer: CallContext, inner: CallContext): CallContext {
  const given = checkObject("context", inner, 'an object such as { user: "u-9" }');
  refuseUnknownKeys("context", given, CONTEXT_FIELDS);
  const merged: Record<string, unknown> = { ...outer };
  for (const key of CONTEXT_TEXTS) {
    if (given[key] !== undefined) {
      merged[key] = checkContextText(`context.${key}`, key, given[key]);
    }
  }
  for (const key of FIXED_KEYS) refuseChange(key, outer[key], merged[key] as string | undefined);
  if (given["agent"] !== undefined) {
    merged["agent"] = extendAgent(outer.agent, merged["agent"] as string);
  }
  if (given["labels"] !== undefined) merged["labels"] = mergeLabels(outer.labels, given["labels"]);
  return Object.freeze(merged);
}

/**
 * What a field of a context may hold, and so what may name it elsewhere.
 * @throws {ConfigError} `BR9001`
 */
export function checkContextText(path: string, key: string, value: unknown): string {
  const most = key === "agent" ? MAX_AGENT_PATH : MAX_TEXT;
  if (typeof value === "string" && value.length > 0 && value.length <= most) return value;
  throw optionError(path, value, `a text of 1 to ${most} characters`);
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
  return checkContextText("context.agent", "agent", `${outer}/${inner}`);
}

function mergeLabels(outer: CallContext["labels"], inner: unknown): CallContext["labels"] {
  const merged: Record<string, unknown> = { ...outer, ...checkObject("context.labels", inner) };
  const entries = Object.entries(merged);
  if (entries.length > MAX_LABELS) {
    throw new ConfigError({
      message: `context.labels has ${entries.length} entries; at most ${MAX_LABELS} are allowed.`,
      scope: "context.labels",
    });
  }
  for (const [name, value] of entries) {
    if (typeof value === "string" && value.length <= MAX_TEXT) continue;
    const expected = `a text of at most ${MAX_TEXT} characters`;
    throw optionError(`context.labels[${quote(name)}]`, value, expected);
  }
  return Object.freeze(merged) as CallContext["labels"];
}
