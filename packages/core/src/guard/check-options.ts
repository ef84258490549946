import { breakerFromOption } from "../breaker/from-option.ts";
import type { Budget } from "../budget/budget.ts";
import { parseBudgets } from "../budget/parse-budget.ts";
import { checkPattern } from "../budget/scope-field.ts";
import {
  checkArray,
  checkFunction,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { checkedIds } from "../config/checked-ids.ts";
import { optionError } from "../config/option-error.ts";
import { type CheckedEvaluator, checkEvaluators } from "../evaluate/check-evaluators.ts";
import type { Journal } from "../journal/journal.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { limitsFromOption } from "../limits/limits-from-option.ts";
import { systemClock } from "../ports/clock.ts";
import type { Gate } from "../ports/gate.ts";
import { createIds } from "../ports/ids.ts";
import type { KillSource } from "../ports/kill-source.ts";
import type { Store } from "../ports/store.ts";
import type { GuardOptions, OnUnknownPrice, ReservationOptions } from "./options.ts";

/** Longest time that timers can wait. */
const MAX_MS = 2 ** 31 - 1;
const OPTION_KEYS: readonly (keyof GuardOptions)[] = [
  "budgets",
  "prices",
  "store",
  "journal",
  "limits",
  "breaker",
  "policy",
  "evaluators",
  "exporters",
  "audit",
  "authorize",
  "killSources",
  "clock",
  "ids",
  "onUnknownPrice",
  "onHeld",
  "onMissingUsage",
  "onUnboundedOutput",
  "reservation",
];
const LEDGER_METHODS: readonly (keyof Ledger)[] = [
  "ready",
  "reserve",
  "dispatch",
  "settle",
  "balances",
  "lease",
  "returnLeases",
  "charge",
  "correct",
  "close",
];
const PORTS = {
  prices: ["resolve", "dearest", "estimateInputTokens"],
  policy: ["decide"],
  audit: ["append"],
  clock: ["wallMs", "monotonicMs", "setTimer"],
  ids: ["next"],
} as const;

type WithDefaults = "clock" | "ids" | "onUnknownPrice" | "onHeld" | "onMissingUsage";

/** Options after checking, with every default filled in. */
export interface CheckedOptions
  extends Omit<
      GuardOptions,
      | "breaker"
      | "limits"
      | "budgets"
      | "reservation"
      | "journal"
      | "evaluators"
      | "onUnboundedOutput"
      | WithDefaults
    >,
    Required<Pick<GuardOptions, WithDefaults | "onUnboundedOutput">> {
  readonly journal: Journal | undefined;
  readonly limits: Gate;
  readonly breaker: Gate | undefined;
  readonly budgets: readonly Budget[];
  readonly evaluators: readonly CheckedEvaluator[];
  readonly reservation: Required<ReservationOptions>;
}

/**
 * Checks everything that `createGuard` was given.
 * @throws {ConfigError} `BR9001` naming the option, what was given, what is allowed and the
 *   nearest spelling.
 */
export function checkOptions(given: GuardOptions): CheckedOptions {
  const options = checkObject("createGuard", given) as GuardOptions;
  refuseUnknownKeys("createGuard", options, OPTION_KEYS);
  for (const [port, methods] of Object.entries(PORTS)) {
    const value = options[port as keyof typeof PORTS];
    if (value !== undefined) checkMethods(port, value, methods);
  }
  const journal = checkJournal(options.journal);
  checkStore(options.store, journal);
  if (options.authorize !== undefined) checkFunction("authorize", options.authorize);
  for (const [index, exporter] of checkArray("exporters", or(options.exporters, [])).entries()) {
    checkMethods(`exporters[${index}]`, exporter, ["exportCall"]);
  }
  for (const [index, source] of checkArray("killSources", or(options.killSources, [])).entries()) {
    checkMethods(`killSources[${index}]`, source, ["watch"]);
    checkString(`killSources[${index}].name`, (source as KillSource).name);
  }
  return {
    ...options,
    journal,
    limits: limitsFromOption(options.limits),
    breaker: breakerFromOption(options.breaker),
    budgets: parseBudgets("budgets", or(options.budgets, [])),
    evaluators: checkEvaluators("evaluators", or(options.evaluators, [])),
    clock: options.clock ?? systemClock,
    ids: options.ids === undefined ? createIds() : checkedIds(options.ids),
    onUnknownPrice: checkUnknownPrice(or(options.onUnknownPrice, "deny")),
    onHeld: checkOneOf("onHeld", or(options.onHeld, "refuse"), ["refuse", "wait"]),
    onMissingUsage: checkOneOf("onMissingUsage", or(options.onMissingUsage, "reservation"), [
      "reservation",
      "observed",
    ]),
    onUnboundedOutput: checkOneOf("onUnboundedOutput", or(options.onUnboundedOutput, "assume"), [
      "assume",
      "refuse",
    ]),
    reservation: checkReservation(or(options.reservation, {})),
  };
}

/** Only what is absent has a default: null where limits were meant would be no limits. */
function or<T, D>(value: T | undefined, fallback: D): T | D {
  return value === undefined ? fallback : value;
}

function checkJournal(journal: GuardOptions["journal"]): Journal | undefined {
  if (journal === undefined || journal === "none") return undefined;
  if (typeof journal === "string") {
    throw optionError("journal", journal, '"none", or fileJournal("a folder")');
  }
  checkMethods("journal", journal, ["open", "left"]);
  return journal;
}

function checkStore(store: GuardOptions["store"], journal: Journal | undefined): void {
  if (store === undefined || store === "memory") return;
  const { ledger, killLog, state } = partsOf(store);
  checkMethods("store.ledger", ledger, LEDGER_METHODS);
  checkMethods("store.killLog", killLog, ["append", "read", "subscribe"]);
  // A journal must never be told to another store, and that is where a store keeps its name.
  if (journal !== undefined) checkMethods("store.state", state, ["read", "write"]);
}

/** A port and no options: one of a class has its parts however it likes. */
function partsOf(store: unknown): Partial<Store> {
  try {
    const { ledger, killLog, state } = store as Store;
    if (typeof store === "object") return { ledger, killLog, ...(state && { state }) };
  } catch {
    // Said below.
  }
  const made = "what sqliteStore, redisStore or postgresStore returns";
  throw optionError("store", store, `"memory" or a store object: ${made}`);
}

function checkUnknownPrice(value: OnUnknownPrice): OnUnknownPrice {
  if (typeof value !== "object") {
    const words = ["deny", "ceiling", "tokens-only"] as const;
    return checkOneOf("onUnknownPrice", value, words, '{ allowFree: ["llama-*"] }');
  }
  const object = checkObject("onUnknownPrice", value);
  refuseUnknownKeys("onUnknownPrice", object, ["allowFree"]);
  const allowFree = checkArray("onUnknownPrice.allowFree", object["allowFree"]);
  return {
    allowFree: allowFree.map((glob, i) => checkPattern(`onUnknownPrice.allowFree[${i}]`, glob)),
  };
}

const MODES = ["whole", "incremental"] as const;

function checkReservation(
  given: NonNullable<GuardOptions["reservation"]>,
): Required<ReservationOptions> {
  if (typeof given === "string") {
    return checkReservation({ mode: checkOneOf("reservation", given, MODES) });
  }
  const defaults: Required<ReservationOptions> = {
    mode: "whole",
    stepTokens: 1_024,
    undispatchedTtlMs: 60_000,
    dispatchedTtlMs: 600_000,
    defaultMaxOutputTokens: 16_384,
    minOutputTokens: 256,
  };
  const object: ReservationOptions = checkObject("reservation", given);
  refuseUnknownKeys("reservation", object, Object.keys(defaults));
  const { mode = defaults.mode, ...numbers } = object;
  checkOneOf("reservation.mode", mode, MODES);
  for (const [key, value] of Object.entries(numbers)) {
    checkWholeNumber(`reservation.${key}`, value, { min: 1, max: MAX_MS });
  }
  const { defaultMaxOutputTokens: most, minOutputTokens: least } = { ...defaults, ...object };
  if (object.minOutputTokens !== undefined && least > most) {
    const expected = `at most defaultMaxOutputTokens, which is ${most}: no call would fit between them`;
    throw optionError("reservation.minOutputTokens", least, expected);
  }
  return { ...defaults, ...object, minOutputTokens: Math.min(least, most) };
}
