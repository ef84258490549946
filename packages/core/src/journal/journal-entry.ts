import type { AccountRef, LateCharge, Settlement } from "../ledger/ledger.ts";
import { checkEntry } from "./check-entry.ts";

/** What a call in flight holds of one account: from a lease, or let through while the store was out. */
export interface SentPart {
  readonly lease?: string;
  readonly account?: AccountRef;
  readonly amount: number;
}

/** One line of a journal. */
export type JournalEntry =
  /** A lease is asked for; in a summary with what was settled from it. */
  | {
      readonly kind: "lease";
      readonly id: string;
      readonly account: AccountRef;
      readonly settled?: number;
    }
  /** A call is sent: until its end, what it holds may have been billed. */
  | {
      readonly kind: "sent";
      readonly id: string;
      readonly atMs: number;
      readonly parts: readonly SentPart[];
    }
  /** What no lease backs of a call is charged by itself. */
  | { readonly kind: "charged"; readonly id: string }
  /** It has ended: what it used of each part, nothing when it was given back. */
  | { readonly kind: "end"; readonly id: string; readonly amounts: readonly number[] }
  /** The store is asked to hold a call on so many accounts. */
  | { readonly kind: "held"; readonly id: string; readonly accounts: number }
  /** That call is sent. */
  | { readonly kind: "held-sent"; readonly id: string }
  /** How it ended; the store may not know yet. */
  | { readonly kind: "held-end"; readonly end: Settlement }
  /** Spent without a reservation; the store may not know yet. */
  | { readonly kind: "charge"; readonly charge: LateCharge }
  /** The store knows all about this lease, call or charge. */
  | { readonly kind: "known"; readonly id: string };

/** One line. Accounts are given without what a ledger remembers on them for itself. */
export function formatEntry(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * The entries of lines that `formatEntry` wrote. One that was cut off at the end was never relied
 * on.
 * @throws {SyntaxError | TypeError} For what is no line of ours.
 */
export function parseEntries(lines: string): readonly JournalEntry[] {
  const whole = lines.slice(0, lines.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line) => checkEntry(JSON.parse(line, unbounded)));
}

/** A window without a beginning or an end: JSON has no infinite numbers. */
function unbounded(key: string, value: unknown): unknown {
  if (value !== null) return value;
  if (key === "startsAtMs") return Number.NEGATIVE_INFINITY;
  return key === "endsAtMs" ? Number.POSITIVE_INFINITY : value;
}
