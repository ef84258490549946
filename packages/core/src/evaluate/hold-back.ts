/** What of a stream waits for verdicts. */
export interface HoldBackRule {
  /**
   * How many characters of output stay behind until what came so far passed: 0 for none, Infinity
   * for all until the verdict on the whole. Tool calls, and what follows them, always wait for
   * that.
   */
  readonly characters: number;
}

interface Held<T> {
  readonly part: T;
  readonly characters: number;
  readonly isToolCall: boolean;
}

/**
 * The parts of a stream that a hook has received and not handed on, in order. A hook adds each
 * part, hands on what is free at once, asks for a review when one is due, and hands on what that
 * releases.
 */
export class HoldBack<T> {
  readonly #characters: number;
  #held: Held<T>[] = [];
  #waiting = 0;

  constructor({ characters }: HoldBackRule) {
    this.#characters = characters;
  }

  /** Takes a part in; returns those that no verdict is needed for. */
  add(part: T, characters: number, isToolCall: boolean): readonly T[] {
    this.#held.push({ part, characters, isToolCall });
    this.#waiting += characters;
    return this.#characters === 0 ? this.release() : [];
  }

  /** Whether so much waits that a verdict on it lets something go. */
  get isReviewDue(): boolean {
    return this.#characters > 0 && this.#waiting >= 2 * this.#characters;
  }

  /** What may go after a review that passed. */
  release(): T[] {
    let count = 0;
    let left = this.#waiting;
    for (const { characters, isToolCall } of this.#held) {
      if (isToolCall || left - characters < this.#characters) break;
      left -= characters;
      count++;
    }
    this.#waiting = left;
    return this.#held.splice(0, count).map(({ part }) => part);
  }

  /** All that is left, once the whole passed. */
  rest(): T[] {
    const parts = this.#held.map(({ part }) => part);
    this.#held = [];
    this.#waiting = 0;
    return parts;
  }
}
