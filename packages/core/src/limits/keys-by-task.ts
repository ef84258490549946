const FIRST_SIZE = 8;
const NONE = -1;

/**
 * Finds a task's keys in a table of a limit that is split by more than tasks. A hash table whose
 * chains run through the table's slots, because a set for each task would take more than its keys:
 * 24 bytes a key at most.
 */
export class KeysByTask {
  /** The table's keys, by slot. */
  readonly #keys: readonly (string | undefined)[];
  readonly #taskOf: (key: string) => string;
  /** The newest slot of each chain; and of each slot, those beside it in its chain. */
  #newest = numbers(FIRST_SIZE);
  #older = numbers(FIRST_SIZE);
  #newer = numbers(FIRST_SIZE);

  constructor(keys: readonly (string | undefined)[], taskOf: (key: string) => string) {
    this.#keys = keys;
    this.#taskOf = taskOf;
  }

  /** A slot has got a key. */
  add(slot: number): void {
    if (slot >= this.#newest.length) this.#grow();
    else this.#link(slot);
  }

  /** A slot is about to lose its key. */
  delete(slot: number): void {
    const older = this.#older[slot] as number;
    const newer = this.#newer[slot] as number;
    if (older !== NONE) this.#newer[older] = newer;
    if (newer !== NONE) this.#older[newer] = older;
    else this.#newest[this.#chainOf(this.#taskAt(slot))] = older;
  }

  /** The slots of a task's keys. */
  of(task: string): number[] {
    const slots: number[] = [];
    let slot = this.#newest[this.#chainOf(task)] as number;
    while (slot !== NONE) {
      if (this.#taskAt(slot) === task) slots.push(slot);
      slot = this.#older[slot] as number;
    }
    return slots;
  }

  #link(slot: number): void {
    const chain = this.#chainOf(this.#taskAt(slot));
    const next = this.#newest[chain] as number;
    this.#older[slot] = next;
    this.#newer[slot] = NONE;
    if (next !== NONE) this.#newer[next] = slot;
    this.#newest[chain] = slot;
  }

  #grow(): void {
    const size = this.#newest.length * 2;
    this.#newest = numbers(size);
    this.#older = numbers(size);
    this.#newer = numbers(size);
    for (const [slot, key] of this.#keys.entries()) if (key !== undefined) this.#link(slot);
  }

  #taskAt(slot: number): string {
    return this.#taskOf(this.#keys[slot] as string);
  }

  #chainOf(task: string): number {
    let hash = 0;
    for (let index = 0; index < task.length; index++) {
      hash = (Math.imul(hash, 31) + task.charCodeAt(index)) | 0;
    }
    return hash & (this.#newest.length - 1);
  }
}

function numbers(size: number): Int32Array {
  return new Int32Array(size).fill(NONE);
}
