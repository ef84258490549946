import { DIMENSIONS } from "../budget/budget-text.ts";
import { checkMatch } from "../budget/check-match.ts";
import {
  checkArray,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import {
  type CheckedLimits,
  type Limit,
  type LimitDimension,
  type LimitKind,
  type LimitOptions,
  type LimitsOptions,
  PERIODS_MS,
  type RatePeriod,
} from "./limit.ts";
import { parseLimitText } from "./limit-text.ts";

const MAX_RULES = 100;
const MAX_SPLITS = 3;
const MAX_COUNT = 1_000_000;
const DAY_MS = 86_400_000;
const MAX_TTL_MS = 365 * DAY_MS;
const KINDS = ["rate", "concurrency", "calls", "steps"] as const;
const A_LIMIT = 'a limit such as "100/minute per user", or an object';
const KEYS = ["id", "match", "per", ...KINDS, "ttlMs"] as const;
const OPTION_KEYS = ["rules", "maxDelegationDepth", "repeatedToolCall"] as const;

/**
 * Checks what limits were given, as a list of rules or as options, and fills in the defaults.
 * @throws {ConfigError} `BR9001` naming the option, what was given, what is allowed and the nearest
 *   spelling.
 */
export function parseLimits(
  path: string,
  given: LimitsOptions | readonly (string | LimitOptions)[],
): CheckedLimits {
  const isList = isArray(given);
  if (typeof given !== "object" || given === null) {
    throw optionError(path, given, 'a list such as ["60/minute per user"], or an object');
  }
  const options = checkObject(path, isList ? { rules: given } : given);
  refuseUnknownKeys(path, options, OPTION_KEYS);
  const { rules = [], maxDelegationDepth = 16, repeatedToolCall = {} } = options;
  return {
    rules: parseRules(isList ? path : `${path}.rules`, rules),
    maxDelegationDepth: checkWholeNumber(`${path}.maxDelegationDepth`, maxDelegationDepth, {
      max: 255,
    }),
    ...checkRepeats(`${path}.repeatedToolCall`, repeatedToolCall),
  };
}

function isArray(given: unknown): boolean {
  try {
    return Array.isArray(given);
  } catch {
    return false; // a Proxy that throws; the check of options says so
  }
}

function checkRepeats(path: string, given: unknown): Pick<CheckedLimits, "alertAt" | "refuseAt"> {
  const options = checkObject(path, given);
  refuseUnknownKeys(path, options, ["alertAt", "refuseAt"]);
  const { alertAt = 25, refuseAt } = options;
  const bounds = { min: 2, max: MAX_COUNT };
  return {
    alertAt: checkWholeNumber(`${path}.alertAt`, alertAt, bounds),
    refuseAt:
      refuseAt === undefined
        ? Number.POSITIVE_INFINITY
        : checkWholeNumber(`${path}.refuseAt`, refuseAt, bounds),
  };
}

function parseRules(path: string, given: unknown): Limit[] {
  const places = new Map<string, string>();
  return checkArray(path, given, MAX_RULES).map((input, index) => {
    const place = `${path}[${index}]`;
    const limit = parseLimit(place, input);
    const earlier = places.get(limit.id);
    if (earlier !== undefined) {
      const expected = `a limit with an id of its own: ${earlier} has the same`;
      throw optionError(place, limit.id, expected);
    }
    places.set(limit.id, place);
    return limit;
  });
}

function parseLimit(path: string, input: unknown): Limit {
  const read = typeof input === "string" ? parseLimitText(path, input) : input;
  const given = checkObject(path, read, A_LIMIT);
  refuseUnknownKeys(path, given, KEYS);
  const what = checkKind(path, given);
  const match = checkMatch(`${path}.match`, given["match"]);
  const per = checkPer(path, given["per"], what, match);
  const id = given["id"];
  return {
    id: id === undefined ? nameOf(what, per, match) : checkString(`${path}.id`, id),
    what,
    per,
    match: what.kind === "steps" ? { ...match, kind: "model" } : match,
  };
}

function checkKind(path: string, given: Readonly<Record<string, unknown>>): LimitKind {
  const [kind, ...others] = KINDS.filter((name) => given[name] !== undefined);
  if (kind === undefined || others.length > 0) {
    throw optionError(path, given, `an object with exactly one of ${KINDS.join(", ")}`);
  }
  const { ttlMs } = given;
  if (ttlMs !== undefined && !(kind === "calls" && [given["per"]].flat().includes("session"))) {
    throw optionError(`${path}.ttlMs`, ttlMs, 'absent: only calls per "session" live that long');
  }
  if (kind === "rate") return checkRate(`${path}.rate`, given["rate"]);
  const most = checkWholeNumber(`${path}.${kind}`, given[kind], { min: 1, max: MAX_COUNT });
  if (kind === "concurrency") return { kind, most };
  const bounds = { min: 1, max: MAX_TTL_MS };
  if (ttlMs === undefined) return { kind, most, ttlMs: DAY_MS };
  return { kind, most, ttlMs: checkWholeNumber(`${path}.ttlMs`, ttlMs, bounds) };
}

function checkRate(path: string, value: unknown): LimitKind {
  const given = checkObject(path, value);
  refuseUnknownKeys(path, given, ["calls", "per", "burst"]);
  const period = checkOneOf(`${path}.per`, given["per"], Object.keys(PERIODS_MS) as RatePeriod[]);
  const bounds = { min: 1, max: MAX_COUNT };
  const calls = checkWholeNumber(`${path}.calls`, given["calls"], bounds);
  const { burst = calls } = given;
  return { kind: "rate", calls, period, burst: checkWholeNumber(`${path}.burst`, burst, bounds) };
}

function checkPer(
  path: string,
  value: unknown,
  { kind }: LimitKind,
  match: Limit["match"],
): readonly LimitDimension[] {
  const given = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const listed = checkArray(`${path}.per`, given, MAX_SPLITS);
  const per = new Set(listed.map((word) => checkOneOf(`${path}.per`, word, DIMENSIONS)));
  const wrong = (expected: string): Error => optionError(`${path}.per`, value, expected);
  if (kind === "steps") {
    if (per.size > 0 && !per.has("task")) throw wrong('"task": steps are counted for each task');
    per.add("task");
  }
  if (kind === "calls" && !per.has("task") && !per.has("session")) {
    throw wrong('"session" or "task"; calls in a time span are a rate, such as "60/minute"');
  }
  const isModels = per.has("model") || match.kind === "model" || match.model !== undefined;
  const isTools = per.has("tool") || match.kind === "tool" || match.tool !== undefined;
  if (isTools && (isModels || kind === "steps")) {
    const expected = "a limit of models or of tools: no call is both, so it would never apply";
    throw optionError(path, given, expected);
  }
  return [...per];
}

function nameOf(what: LimitKind, per: readonly LimitDimension[], match: Limit["match"]): string {
  const covers = Object.entries(match).map(([key, word]) => `${key} ${word}`);
  const of = covers.length === 0 ? "" : ` (${covers.join(", ")})`;
  return `${amountText(what)}${per.map((dimension) => ` per ${dimension}`).join("")}${of}`;
}

/** What a limit allows: `60/minute`, `4 at once`. */
function amountText(what: LimitKind): string {
  if (what.kind === "rate") return `${what.calls}/${what.period}`;
  if (what.kind === "concurrency") return `${what.most} at once`;
  return `${what.most} ${what.kind}`;
}
