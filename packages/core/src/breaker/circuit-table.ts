import { CallWindows, type Counted } from "./call-windows.ts";
import { Trouble } from "./trouble.ts";

const FIRST_SIZE = 8;
/** What is noted of a row, a bit each. */
const TOUCHED = 1;
const PROBED = 2;
const TROUBLED = 4;

type Names = (string | undefined)[];

/** A circuit whose row is given away. */
type OnEvict = (key: string, org: string | undefined) => void;

/**
 * The circuits of models, or of tools, as rows of numbers that stand side by side: there may be
 * thousands, because names may be hostile input. A row costs about 148 bytes with its key; what
 * most never need is apart. A row that made room belongs to another key: ask `has`.
 */
export class CircuitTable {
  readonly #rows = new Map<string, number>();
  readonly #troubles = new Map<number, Trouble>();
  readonly #windows: CallWindows;
  readonly #onEvict: OnEvict;
  #keys: Names = new Array<undefined>(FIRST_SIZE);
  #orgs: Names = new Array<undefined>(FIRST_SIZE);
  #bits: Uint8Array = new Uint8Array(FIRST_SIZE);
  /** Of each row the slice that its window is at, and when a call last failed or was slow. */
  #slices: Float64Array = new Float64Array(FIRST_SIZE);
  #lastBadMs: Float64Array = new Float64Array(FIRST_SIZE);
  #hand = -1;

  constructor(windowMs: number, onEvict: OnEvict) {
    this.#windows = new CallWindows(windowMs);
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#rows.size;
  }

  keys(): IterableIterator<string> {
    return this.#rows.keys();
  }

  rowOf(key: string): number | undefined {
    return this.#rows.get(key);
  }

  keyOf(row: number): string {
    return this.#keys[row] as string;
  }

  /** Whether the row is still this key's. */
  has(row: number, key: string): boolean {
    return this.#keys[row] === key;
  }

  /** Adds a circuit that nothing is known of. `isProbed`: any of its calls may be a probe. */
  add(key: string, org: string | undefined, isProbed: boolean, nowMs: number): number {
    const row = this.#windows.open();
    if (row >= this.#bits.length) this.#grow();
    this.#rows.set(key, row);
    this.#keys[row] = key;
    this.#orgs[row] = org;
    this.#bits[row] = TOUCHED | (isProbed ? PROBED : 0);
    this.#slices[row] = this.#windows.sliceAt(nowMs);
    this.#lastBadMs[row] = Number.NEGATIVE_INFINITY;
    return row;
  }

  /** Notes its use: it makes room for others later. */
  touch(row: number): void {
    this.#bits[row] = (this.#bits[row] as number) | TOUCHED;
  }

  isProbed(row: number): boolean {
    return ((this.#bits[row] as number) & PROBED) !== 0;
  }

  /** Closed, and nothing else to look at. */
  isPlain(row: number): boolean {
    return ((this.#bits[row] as number) & TROUBLED) === 0;
  }

  troubleOf(row: number): Trouble | undefined {
    return this.#troubles.get(row);
  }

  /** The same, made where there is none. */
  troubleFor(row: number): Trouble {
    const known = this.#troubles.get(row);
    if (known !== undefined) return known;
    const made = new Trouble();
    this.#troubles.set(row, made);
    return made;
  }

  /** Says that its trouble has changed. */
  noteTrouble(row: number): void {
    const bits = this.#bits[row] as number;
    const isOver = this.#troubles.get(row)?.isOver !== false;
    this.#bits[row] = isOver ? bits & ~TROUBLED : bits | TROUBLED;
  }

  lastBadMs(row: number): number {
    return this.#lastBadMs[row] as number;
  }

  noteBad(row: number, nowMs: number): void {
    this.#lastBadMs[row] = nowMs;
  }

  count(row: number, nowMs: number, isFailed: boolean, isSlow: boolean): void {
    this.advance(row, nowMs);
    this.#windows.add(row, this.#slices[row] as number, isFailed, isSlow);
  }

  /** Forgets what has left the window. */
  advance(row: number, nowMs: number): void {
    this.#slices[row] = this.#windows.advance(row, this.#slices[row] as number, nowMs);
  }

  counted(row: number): Counted {
    return this.#windows.counted(row);
  }

  /** Forgets what was counted. */
  clear(row: number): void {
    this.#windows.clear(row);
  }

  /**
   * Lets one go that is well and was not used for the longest; of one organisation, if one is named.
   * False when none may. Two rounds at most: the first clears the marks (the CLOCK algorithm).
   */
  evict(nowMs: number, org?: string): boolean {
    for (let looks = this.#keys.length * 2; looks > 0; looks--) {
      this.#hand = (this.#hand + 1) % this.#keys.length;
      const isMeant = org === undefined || this.#orgs[this.#hand] === org;
      if (isMeant && this.#evictIfIdle(this.#hand, nowMs)) return true;
    }
    return false;
  }

  #evictIfIdle(row: number, nowMs: number): boolean {
    const key = this.#keys[row];
    if (key === undefined) return false;
    const bits = this.#bits[row] as number;
    this.#bits[row] = bits & ~TOUCHED;
    if ((bits & TOUCHED) !== 0 || this.#isInTrouble(row, nowMs)) return false;
    this.advance(row, nowMs);
    const { failures, slow } = this.counted(row);
    if (failures > 0 || slow > 0) return false;
    const org = this.#orgs[row];
    this.#rows.delete(key);
    this.#keys[row] = undefined;
    this.#troubles.delete(row);
    this.#windows.close(row);
    this.#onEvict(key, org);
    return true;
  }

  /** What never failed nor was slow was forced or paused only: of that nothing stays when it is over. */
  #isInTrouble(row: number, nowMs: number): boolean {
    if (this.isPlain(row)) return false;
    return this.lastBadMs(row) > Number.NEGATIVE_INFINITY || this.troubleFor(row).lastsAt(nowMs);
  }

  /** Twice as large, and no larger: a list that is pushed to takes what it may need one day. */
  #grow(): void {
    const { length } = this.#bits;
    const bits = new Uint8Array(length * 2);
    const times = { slices: new Float64Array(length * 2), bad: new Float64Array(length * 2) };
    bits.set(this.#bits);
    times.slices.set(this.#slices);
    times.bad.set(this.#lastBadMs);
    this.#bits = bits;
    this.#slices = times.slices;
    this.#lastBadMs = times.bad;
    this.#keys = this.#keys.concat(new Array<undefined>(length));
    this.#orgs = this.#orgs.concat(new Array<undefined>(length));
  }
}
