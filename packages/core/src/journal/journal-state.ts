import type { AccountRef, LateCharge, LeaseReturn, Settlement } from "../ledger/ledger.ts";
import type { JournalEntry, SentPart } from "./journal-entry.ts";

/**
 * Higher than a guard counts its own returns of a lease, until it hears that others took it for
 * dead; exact in every store.
 */
export const REPLAY_REVISION: number = 2 ** 40;
/** So long a store remembers a charge that may be asked for again. */
const REMEMBER_MS = 3_600_000;

interface LeaseNote {
  readonly account: AccountRef;
  settled: number;
}

interface SentNote {
  readonly atMs: number;
  readonly parts: readonly SentPart[];
}

interface HeldNote {
  readonly accounts: number;
  readonly isSent: boolean;
  readonly end?: Settlement;
}

/** What the entries of one journal come to: all that its store may not know. */
export class JournalState {
  readonly #leases = new Map<string, LeaseNote>();
  readonly #sent = new Map<string, SentNote>();
  readonly #held = new Map<string, HeldNote>();
  readonly #charges = new Map<string, LateCharge>();

  get isEmpty(): boolean {
    const maps = [this.#leases, this.#sent, this.#held, this.#charges];
    return maps.every((map) => map.size === 0);
  }

  isSent(id: string): boolean {
    return this.#sent.has(id);
  }

  isHeld(id: string): boolean {
    return this.#held.has(id);
  }

  /** Whether nothing newer was noted of how a call ended that the store holds. */
  isNewest(end: Settlement): boolean {
    const note = this.#held.get(end.id);
    return note !== undefined && (note.end === undefined || note.end === end);
  }

  /** Whether the store may not know all about this lease, call or charge. */
  isOpen(id: string): boolean {
    return this.#leases.has(id) || this.#held.has(id) || this.#charges.has(id);
  }

  /** What was settled from each lease. */
  *settled(): Iterable<readonly [id: string, settled: number]> {
    for (const [id, { settled }] of this.#leases) yield [id, settled];
  }

  apply(entry: JournalEntry): void {
    switch (entry.kind) {
      case "lease":
        this.#leases.set(entry.id, { account: entry.account, settled: entry.settled ?? 0 });
        break;
      case "sent":
        this.#sent.set(entry.id, { atMs: entry.atMs, parts: entry.parts });
        break;
      case "charged":
        this.#dropUnbacked(entry.id);
        break;
      case "end":
        this.#end(entry.id, entry.amounts);
        break;
      case "held":
        this.#held.set(entry.id, { accounts: entry.accounts, isSent: false });
        break;
      case "held-sent":
        this.#held.set(entry.id, { accounts: 0, isSent: true });
        break;
      case "held-end":
        this.#held.set(entry.end.id, { accounts: 0, isSent: true, end: entry.end });
        break;
      case "charge":
        this.#charges.set(entry.charge.id, entry.charge);
        break;
      case "known":
        for (const map of [this.#leases, this.#held, this.#charges]) map.delete(entry.id);
        break;
    }
  }

  /** The shortest journal that comes to the same. */
  *entries(): Iterable<JournalEntry> {
    for (const [id, note] of this.#leases) yield { kind: "lease", id, ...note };
    for (const [id, note] of this.#sent) yield { kind: "sent", id, ...note };
    for (const [id, { accounts, isSent, end }] of this.#held) {
      if (end !== undefined) yield { kind: "held-end", end };
      else yield isSent ? { kind: "held-sent", id } : { kind: "held", id, accounts };
    }
    for (const charge of this.#charges.values()) yield { kind: "charge", charge };
  }

  /** What the store is told of each lease: what was sent and did not end may have been billed. */
  returns(atMs: number): readonly (LeaseReturn & { readonly account: AccountRef })[] {
    const unknown = new Map<string, number>();
    for (const { lease, amount } of [...this.#sent.values()].flatMap(({ parts }) => parts)) {
      if (lease !== undefined) unknown.set(lease, (unknown.get(lease) ?? 0) + amount);
    }
    return [...this.#leases].map(([id, { account, settled }]) => ({
      ...{ id, account, settled, unknown: unknown.get(id) ?? 0 },
      ...{ revision: REPLAY_REVISION, kept: 0, atMs },
    }));
  }

  /** The end of each call that the store holds: one that was never sent cost nothing. */
  ends(): readonly Settlement[] {
    return [...this.#held].map(([id, { accounts, isSent, end }]) => {
      if (end !== undefined) return end;
      if (isSent) return { id, as: "unknown", amounts: [] };
      return { id, as: "settled", amounts: new Array<number>(accounts).fill(0) };
    });
  }

  /** What is charged without a lease, and what calls in flight were let through with. */
  charges(): readonly LateCharge[] {
    const inFlight = [...this.#sent].flatMap(([id, { atMs, parts }]) =>
      parts.flatMap(({ account, amount }, index) => {
        if (account === undefined || amount === 0) return [];
        return [{ id: `${id}/${index}`, account, amount, atMs, rememberMs: REMEMBER_MS }];
      }),
    );
    return [...this.#charges.values(), ...inFlight];
  }

  #end(id: string, amounts: readonly number[]): void {
    for (const [index, { lease }] of (this.#sent.get(id)?.parts ?? []).entries()) {
      const note = lease === undefined ? undefined : this.#leases.get(lease);
      if (note !== undefined) note.settled += amounts[index] as number;
    }
    this.#sent.delete(id);
  }

  #dropUnbacked(id: string): void {
    const note = this.#sent.get(id);
    if (note === undefined) return;
    const parts = note.parts.map((part) => (part.account === undefined ? part : { amount: 0 }));
    this.#sent.set(id, { ...note, parts });
  }
}
