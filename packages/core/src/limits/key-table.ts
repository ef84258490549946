import type { CallRecord } from "../call/call-record.ts";
import { KeysByTask } from "./keys-by-task.ts";
import type { LimitCounter, Taken } from "./limit-counter.ts";

/** Most keys of one limit for each org. */
export const MAX_KEYS = 10_000;

/** Keys looked at for room when a new one comes, and when there is none. */
const LOOKS = 2;
const LOOKS_WHEN_FULL = 16;
const FIRST_SIZE = 8;

/** Where a key of a table stands, as it was found. */
export interface KeySlot {
  readonly key: string;
  /** −1 while it is new. */
  readonly slot: number;
  /** The table's then: while it is the same, so is the slot. */
  readonly generation: number;
}

/**
 * The counts of one limit in one org, by key. Numbers stand side by side in one array, so that a
 * key costs about 100 bytes. Each new key looks at a few others in turn and lets those go that are
 * as good as new: memory follows what is in use, and no step takes longer with more keys.
 */
export class KeyTable {
  /** For the table of tables. */
  touched = true;
  /** Keys in use that were forgotten to make room. */
  forgotten = 0;
  /** Grows whenever a key goes, or the table itself: slots that were found before may be others'. */
  generation = 0;
  readonly #counter: LimitCounter;
  readonly #cap: number;
  /** Undefined where a task has one key at most, which is its id. */
  readonly #keysByTask: KeysByTask | undefined;
  readonly #slots = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #numbers: Float64Array;
  /** The key that was found last: most calls are of the same one. */
  #lastKey: string | undefined;
  #lastSlot = -1;
  #hand = 0;
  #held = 0;
  #busyUntilMs = 0;

  /** `taskOf` tells whose a key is, where a task may have several. */
  constructor(counter: LimitCounter, cap: number = MAX_KEYS, taskOf?: (key: string) => string) {
    this.#counter = counter;
    this.#cap = cap;
    this.#keysByTask = taskOf && new KeysByTask(this.#keys, taskOf);
    this.#numbers = new Float64Array(FIRST_SIZE * counter.width);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Whether every key is as good as new. */
  isIdle(nowMs: number): boolean {
    return this.#held === 0 && this.#busyUntilMs <= nowMs;
  }

  /** The slot of a key; −1 when it is new. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastSlot;
    const slot = this.#slots.get(key);
    if (slot === undefined) return -1;
    this.#lastKey = key;
    this.#lastSlot = slot;
    return slot;
  }

  /** Finds a key's slot or makes one; −1 when the table is full of keys in use. */
  open(key: string, nowMs: number): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    this.#tidy(LOOKS, nowMs);
    if (this.#slots.size >= this.#cap && !this.#makeRoom(nowMs)) return -1;
    const slot = this.#free.pop() ?? this.#keys.length;
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#keysByTask?.add(slot);
    this.#clear(slot);
    return slot;
  }

  /** Milliseconds until a call fits. */
  waitMs(slot: number, nowMs: number): number {
    return this.#counter.waitMs(this.#numbers, slot * this.#counter.width, nowMs);
  }

  take(slot: number, nowMs: number): number {
    this.#held++;
    const at = slot * this.#counter.width;
    const note = this.#counter.take(this.#numbers, at, nowMs);
    const idleFromMs = this.#counter.idleFromMs(this.#numbers, at);
    if (idleFromMs > this.#busyUntilMs && idleFromMs < Number.POSITIVE_INFINITY) {
      this.#busyUntilMs = idleFromMs;
    }
    return note;
  }

  /** A call ended that had taken; its key may be forgotten by now. */
  end({ slot, key, generation }: KeySlot, taken: Taken, nowMs: number, record?: CallRecord): void {
    this.#held--;
    if (generation !== this.generation && this.#keys[slot] !== key) return;
    this.#counter.end(this.#numbers, slot * this.#counter.width, taken, nowMs, record);
  }

  /** Whether calls in flight hold anything. */
  get isHeld(): boolean {
    return this.#held > 0;
  }

  /** It makes room for another org's; returns how many keys in use were forgotten in all. */
  leave(nowMs: number): number {
    this.generation++;
    return this.forgotten + (this.isIdle(nowMs) ? 0 : this.size);
  }

  /** Forgets what nobody will use again of a task, but for keys that a call in flight holds. */
  dropTask(task: string): void {
    const slots = this.#keysByTask?.of(task) ?? [this.#slots.get(task) ?? -1];
    for (const slot of slots) if (slot >= 0) this.#drop(slot);
  }

  #drop(slot: number): void {
    const idleFromMs = this.#counter.idleFromMs(this.#numbers, slot * this.#counter.width);
    if (idleFromMs < Number.POSITIVE_INFINITY) this.#remove(slot);
  }

  /**
   * Lets the next keys go that are as good as new; returns the one that has been so the longest.
   */
  #tidy(looks: number, nowMs: number): number {
    let oldest = -1;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (let look = 0; look < looks && look < this.#keys.length; look++) {
      this.#hand = (this.#hand + 1) % this.#keys.length;
      if (this.#keys[this.#hand] === undefined) continue;
      const at = this.#hand * this.#counter.width;
      const idleFromMs = this.#counter.idleFromMs(this.#numbers, at);
      if (idleFromMs <= nowMs) this.#remove(this.#hand);
      else if (idleFromMs < oldestMs) {
        oldest = this.#hand;
        oldestMs = idleFromMs;
      }
    }
    return oldest;
  }

  #makeRoom(nowMs: number): boolean {
    const oldest = this.#tidy(LOOKS_WHEN_FULL, nowMs);
    if (this.#slots.size < this.#cap) return true;
    if (!this.#counter.forgets || oldest < 0) return false;
    this.#remove(oldest);
    this.forgotten++;
    return true;
  }

  #remove(slot: number): void {
    this.generation++;
    if (slot === this.#lastSlot) this.#lastKey = undefined;
    this.#keysByTask?.delete(slot);
    this.#slots.delete(this.#keys[slot] as string);
    this.#keys[slot] = undefined;
    this.#free.push(slot);
  }

  #clear(slot: number): void {
    const { width } = this.#counter;
    const at = slot * width;
    if (at >= this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.fill(0, at, at + width);
  }
}
