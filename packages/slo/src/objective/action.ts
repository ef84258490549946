import {
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkDuration, DAY_MS, MINUTE_MS } from "./duration.ts";

/** What may happen while an objective is in trouble. */
export type ActionKind = "alert" | "throttle" | "downgrade" | "freeze" | "open-breaker" | "kill";

/** When: a burn-rate rule of this severity fires, any does, or nothing is left of the budget. */
export type ActionTrigger = "page" | "ticket" | "burn" | "exhausted";

/** What `actions` takes. */
export interface ActionOption {
  readonly on: ActionTrigger;
  /**
   * `alert` says so; `throttle` lets one call through at a time; `downgrade` calls the model that
   * hooks have under this key; `freeze` is a flag that rollouts read; `open-breaker` refuses calls
   * of this circuit; `kill` needs a revive.
   */
  readonly do:
    | "alert"
    | "throttle"
    | "freeze"
    | "kill"
    | { readonly downgrade: string }
    /** A circuit's key or a glob of keys: `openai/gpt-5`, `tool:search`. */
    | { readonly openBreaker: string };
  /** How long the trigger must hold before anything is done (default none). */
  readonly after?: string;
  /** How long it must be quiet before it is taken back (default 10 minutes). */
  readonly quietFor?: string;
}

/** A checked action. */
export interface ObjectiveAction {
  readonly on: ActionTrigger;
  readonly do: ActionKind;
  /** The hook's model key, or the circuit. */
  readonly target: string | undefined;
  readonly afterMs: number;
  readonly quietMs: number;
}

const TRIGGERS = ["page", "ticket", "burn", "exhausted"] as const;
const WITH_TARGET = "{ downgrade: key } or { openBreaker: circuit }";
const WORDS = ["alert", "throttle", "freeze", "kill"] as const;
const DEFAULT_QUIET = "10m";
const BOUNDS = { minMs: 0, maxMs: 7 * DAY_MS };

/** @throws {ConfigError} `BR9001` */
export function checkAction(path: string, given: unknown): ObjectiveAction {
  const action = checkObject(path, given);
  refuseUnknownKeys(path, action, ["on", "do", "after", "quietFor"]);
  const after = action["after"];
  const quietFor = action["quietFor"] ?? DEFAULT_QUIET;
  return Object.freeze({
    on: checkOneOf(`${path}.on`, action["on"], TRIGGERS),
    ...checkDo(`${path}.do`, action["do"]),
    afterMs: after === undefined ? 0 : checkDuration(`${path}.after`, after, BOUNDS),
    quietMs: checkDuration(`${path}.quietFor`, quietFor, { ...BOUNDS, minMs: MINUTE_MS }),
  });
}

function checkDo(path: string, given: unknown): Pick<ObjectiveAction, "do" | "target"> {
  if (typeof given !== "object" || given === null) {
    return { do: checkOneOf(path, given, WORDS, WITH_TARGET), target: undefined };
  }
  const action = checkObject(path, given);
  refuseUnknownKeys(path, action, ["downgrade", "openBreaker"]);
  const [key, ...more] = Object.keys(action);
  if (key === undefined || more.length > 0) {
    throw optionError(path, given, WITH_TARGET);
  }
  const target = checkString(`${path}.${key}`, action[key]);
  return { do: key === "downgrade" ? "downgrade" : "open-breaker", target };
}
