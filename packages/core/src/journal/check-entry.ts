import { isAmount } from "../ledger/amount.ts";
import type { JournalEntry } from "./journal-entry.ts";

type Fields = Readonly<Record<string, unknown>>;

const UNITS = ["usd", "tokens", "calls"];
const ENDS = ["settled", "released", "unknown"];

/** What each kind of line must have, beside an id. */
const SHAPES: Readonly<Record<JournalEntry["kind"], (entry: Fields) => boolean>> = {
  lease: ({ id, account, settled = 0 }) => isId(id) && isAccount(account) && isAmount(settled),
  sent: ({ id, atMs, parts }) => isId(id) && Number.isFinite(atMs) && isList(parts, isPart),
  charged: ({ id }) => isId(id),
  end: ({ id, amounts }) => isId(id) && isList(amounts, isAmount),
  held: ({ id, accounts }) => isId(id) && isAmount(accounts) && accounts <= 10_000,
  "held-sent": ({ id }) => isId(id),
  "held-end": ({ end }) => isEnd(end),
  charge: ({ charge }) => isCharge(charge),
  known: ({ id }) => isId(id),
};

/**
 * Checks what a line of a file says, so that no store is told of anything else.
 * @throws {TypeError} When it is no entry: then nothing of the journal can be relied on.
 */
export function checkEntry(value: unknown): JournalEntry {
  const entry = isFields(value) ? value : {};
  const { kind } = entry;
  if (typeof kind === "string" && Object.hasOwn(SHAPES, kind)) {
    if (SHAPES[kind as JournalEntry["kind"]](entry)) return value as JournalEntry;
  }
  throw new TypeError("a line of it is no entry of a journal");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isPart(value: unknown): boolean {
  if (!isFields(value) || !isAmount(value["amount"])) return false;
  const { lease, account } = value;
  return (lease === undefined || isId(lease)) && (account === undefined || isAccount(account));
}

function isEnd(value: unknown): boolean {
  if (!isFields(value) || !isId(value["id"])) return false;
  return ENDS.includes(value["as"] as string) && isList(value["amounts"], isAmount);
}

function isCharge(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { id, account, amount, atMs, rememberMs } = value;
  const isWhen = Number.isFinite(atMs) && Number.isFinite(rememberMs);
  return isId(id) && isAccount(account) && isAmount(amount) && isWhen;
}

function isAccount(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { key, windowKey, window, unit, limit, limitVersion, org, ephemeral } = value;
  const isNamed = [key, windowKey, org].every((text) => typeof text === "string");
  const isLimited = Number.isFinite(limit) && Number.isFinite(limitVersion);
  const isKind = UNITS.includes(unit as string) && typeof ephemeral === "boolean";
  return isNamed && isLimited && isKind && isWindow(window);
}

function isWindow(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { kind, startsAtMs, endsAtMs, lengthMs, sliceMs } = value;
  if (kind === "rolling") return [lengthMs, sliceMs].every((ms) => Number(ms) > 0);
  return kind === "fixed" && typeof startsAtMs === "number" && typeof endsAtMs === "number";
}
