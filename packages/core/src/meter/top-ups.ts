import { amountFor, type ReservationPlan } from "../budget/reservation-plan.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { BudgetExceededError } from "../errors/budget-exceeded-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { LedgerReply, ReserveResult, Settlement } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";

/** The smallest step that is asked for when there is no room for a whole one, as a part of it. */
const LEAST = 1 / 16;

/** A further reservation of a stream. */
interface Part {
  readonly id: string;
  readonly amounts: readonly number[];
}

/**
 * Reserves the output of a stream in steps, as it comes: the next step is asked for when half of
 * the newest is used. When there is no money for it, half of it is asked for, down to a sixteenth;
 * after that the stream goes on to the end of what is reserved and is cut there. Every step is a
 * reservation of its own, and is charged or given back for itself.
 */
export class TopUps {
  readonly #call: GuardedCall;
  readonly #guard: GuardRuntime;
  readonly #stepTokens: number;
  readonly #parts: Part[] = [];
  /** Of the next step. */
  #tokens: number;
  #askAtTokens: number;
  #asking = false;
  /** The call is being charged: a step that comes now is given back. */
  #closed = false;
  #count = 0;

  constructor(call: GuardedCall, guard: GuardRuntime, stepTokens: number) {
    this.#call = call;
    this.#guard = guard;
    this.#stepTokens = stepTokens;
    this.#tokens = stepTokens;
    this.#askAtTokens = call.bound - stepTokens / 2;
  }

  /** Told of each piece of progress; asks for more, or cuts the stream. Never throws. */
  progressed(outputTokens: number): void {
    let seen = outputTokens;
    while (this.#step(seen)) seen = Math.max(seen, this.#call.outputSeen);
  }

  /** Asks for a step if it is time. Whether it was decided at once: it may be time for another. */
  #step(outputTokens: number): boolean {
    if (outputTokens < this.#askAtTokens || this.#asking || this.#closed) return false;
    const plan = this.#call.plan as ReservationPlan;
    const { bound } = this.#call;
    if (bound >= plan.maxOutputTokens) return false;
    this.#asking = true;
    const next = Math.min(plan.maxOutputTokens, bound + this.#tokens);
    const amounts = plan.accounts.map(({ unit }) =>
      unit === "calls" ? 0 : amountFor(plan, unit, next) - amountFor(plan, unit, bound),
    );
    const part = { id: `${this.#call.ledgerId}+${++this.#count}`, amounts };
    return this.#reserve(part, next, outputTokens);
  }

  /** Splits the end of a call over its reservations: each is charged at most what it holds. */
  split(end: Settlement): readonly Settlement[] {
    this.#closed = true;
    if (this.#parts.length === 0) return [end];
    const parts = [{ id: end.id, amounts: this.#call.amounts }, ...this.#parts];
    if (end.as !== "settled") return parts.map(({ id }) => ({ ...end, id }));
    const left = [...end.amounts];
    return parts.map(({ id, amounts }, index) => {
      const isLast = index === parts.length - 1;
      const own = left.map((rest, at) => (isLast ? rest : Math.min(rest, amounts[at] as number)));
      for (const [at, amount] of own.entries()) left[at] = (left[at] as number) - amount;
      return { ...end, id, amounts: own };
    });
  }

  #reserve(part: Part, bound: number, seen: number): boolean {
    const call = this.#call;
    const guard = this.#guard;
    const decide = (reply: LedgerReply<ReserveResult>): boolean => {
      this.#asking = false;
      if (reply.results[0]?.kind === "reserved") {
        if (this.#keep(part, bound)) return true;
        if (this.#closed) return false;
      } else if (this.#shorten()) return true;
      this.#refused(Math.max(seen, call.outputSeen));
      return false;
    };
    const decideLater = (reply: LedgerReply<ReserveResult>): void => {
      if (decide(reply)) this.progressed(call.outputSeen);
    };
    try {
      const reply = guard.ledger.reserve([
        {
          id: part.id,
          accounts: (call.plan as ReservationPlan).accounts.map(({ ref }) => ref),
          amounts: part.amounts,
          expiresInMs: guard.options.reservation.dispatchedTtlMs,
          atMs: guard.nowMs(), // what has left a rolling window since is in nobody's way
          once: false,
        },
      ]);
      if (!isPromise(reply)) return decide(reply);
      reply.then(decideLater).catch(() => this.#failed(seen));
    } catch {
      this.#failed(seen);
    }
    return false;
  }

  #keep(part: Part, bound: number): boolean {
    const { ledger } = this.#guard;
    if (this.#closed || !this.#dispatch(part)) {
      this.#tell(() => ledger.settle([{ id: part.id, as: "released", amounts: [] }]));
      return false;
    }
    this.#parts.push(part);
    this.#call.raiseBound(bound);
    this.#askAtTokens = bound - this.#tokens / 2;
    this.#tokens = Math.min(this.#stepTokens, this.#tokens * 2);
    return true;
  }

  /** What is left may pay for a smaller step. */
  #shorten(): boolean {
    const least = Math.ceil(this.#stepTokens * LEAST);
    if (this.#tokens <= least) return false;
    this.#tokens = Math.max(least, Math.ceil(this.#tokens / 2));
    return true;
  }

  /** A durable ledger must know that it is used from here on; false where it cannot note that. */
  #dispatch({ id }: Part): boolean {
    const { ledger, counters } = this.#guard;
    if (!ledger.durable) return true;
    try {
      const reply = ledger.dispatch([id]);
      if (isPromise(reply)) reply.catch(() => counters.settlementErrors++);
      return true;
    } catch {
      counters.settlementErrors++;
      return false;
    }
  }

  /** Money fails closed: a store that does not answer has given nothing. */
  #failed(seen: number): void {
    this.#asking = false;
    this.#refused(Math.max(seen, this.#call.outputSeen));
  }

  #refused(seen: number): void {
    const call = this.#call;
    if (seen < call.bound) return; // until then it may be tried again
    call.cut(
      new BudgetExceededError({
        message: `the stream of "${call.name}" has used the ${call.bound} output tokens that were reserved for it, and no budget has room for more: it was cut. Raise the budget, or reserve whole streams (reservation: { mode: "whole" }).`,
        scope: "reservation",
        details: { outputTokens: seen, reservedTokens: call.bound },
      }),
    );
  }

  #tell(run: () => unknown): void {
    (async () => run())().catch(() => this.#guard.counters.settlementErrors++);
  }
}
