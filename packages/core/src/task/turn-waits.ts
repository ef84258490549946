import type { TurnWait } from "../sli/sli.ts";

interface Wait {
  ms: number;
  /** How many calls wait now, and since when there is any. */
  waiting: number;
  sinceMs: number;
}

/** What calls of a task wait for their turn, by who throttles; those that wait together wait once. */
export class TurnWaits {
  readonly #waits = new Map<string, Wait>();

  begin(by: string, nowMs: number): void {
    const wait = this.#waits.get(by) ?? { ms: 0, waiting: 0, sinceMs: 0 };
    this.#waits.set(by, wait);
    if (wait.waiting++ === 0) wait.sinceMs = nowMs;
  }

  end(by: string, nowMs: number): void {
    const wait = this.#waits.get(by);
    if (wait !== undefined && --wait.waiting === 0) wait.ms += nowMs - wait.sinceMs;
  }

  get longest(): TurnWait | undefined {
    let longest: TurnWait | undefined;
    for (const [by, { ms }] of this.#waits) {
      if (ms > (longest?.ms ?? 0)) longest = { ms, by };
    }
    return longest;
  }
}
