import type { PendingCall } from "../call/pending-call.ts";
import type { LimitDimension } from "./limit.ts";
import { providersOf } from "./limit-match.ts";

/** Where calls go that lack the dimension by which a limit is split. */
export const NONE = "(none)";
/** The key of a limit that is not split. */
const SINGLE = "*";
/** Nested tasks and agents beyond this share the deepest key. */
const MAX_DEPTH = 16;

/** One key, or several: nested tasks and sub-agents count for those around them, too. */
export type LimitKeys = string | readonly string[];

/**
 * The keys of a call under a limit that is split by these dimensions. `onNone` hears of each that
 * the call lacks.
 */
export function keysOf(
  per: readonly LimitDimension[],
  call: PendingCall,
  onNone: (dimension: LimitDimension) => void,
): LimitKeys {
  const first = per[0];
  if (first === undefined) return SINGLE;
  const keys = valuesOf(first, call, onNone);
  if (per.length === 1) return keys;
  let joined = [keys].flat();
  for (const dimension of per.slice(1)) {
    const values = [valuesOf(dimension, call, onNone)].flat();
    joined = joined.flatMap((key) => values.map((value) => join(key, value)));
  }
  return joined;
}

/** One string of 40 bytes or so: what a template makes keeps twice as much. */
function join(key: string, value: string): string {
  return [key.length, key, value].join(" ");
}

/** A key as people read it: `session=s-1, tool=search`. */
export function keyText(per: readonly LimitDimension[], key: string): string {
  const values = splitKey(per, key);
  return per.map((dimension, index) => `${dimension}=${values[index]}`).join(", ");
}

/** Whose task a key of a limit that is split by tasks, among others, belongs to. */
export function taskOfKey(per: readonly LimitDimension[], key: string): string {
  return splitKey(per, key)[per.indexOf("task")] as string;
}

/** The values of a key, one for each dimension. */
function splitKey(per: readonly LimitDimension[], key: string): string[] {
  const values: string[] = [];
  let rest = key;
  for (let index = per.length - 1; index > 0; index--) {
    const start = rest.indexOf(" ") + 1;
    const end = start + Number.parseInt(rest, 10);
    values.unshift(rest.slice(end + 1));
    rest = rest.slice(start, end);
  }
  values.unshift(rest);
  return values;
}

function valuesOf(
  dimension: LimitDimension,
  call: PendingCall,
  onNone: (dimension: LimitDimension) => void,
): LimitKeys {
  const values = dimension === "task" ? tasksOf(call) : singleOrPath(dimension, call);
  if (values !== undefined) return values;
  onNone(dimension);
  return NONE;
}

function tasksOf({ tasks }: PendingCall): LimitKeys | undefined {
  if (tasks.length <= 1) return tasks[0];
  return tasks.length <= MAX_DEPTH ? tasks : tasks.slice(0, MAX_DEPTH);
}

function singleOrPath(
  dimension: Exclude<LimitDimension, "task">,
  call: PendingCall,
): LimitKeys | undefined {
  switch (dimension) {
    case "agent":
      return agentPaths(call.context.agent);
    case "tool":
    case "model":
      return call.model ?? call.name; // a limit per tool covers tools only, one per model models
    case "provider":
      return providersOf(call)[0];
    default:
      return call.context[dimension];
  }
}

/** `a/b/c` counts for `a`, `a/b` and `a/b/c`. */
function agentPaths(agent: string | undefined): LimitKeys | undefined {
  if (agent === undefined || !agent.includes("/")) return agent;
  const parts = agent.split("/").slice(0, MAX_DEPTH);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
