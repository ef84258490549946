/** Time slices of a window: the oldest leaves as a whole, so it looks back over 9 to 10 of them. */
export const SLICES = 10;
const BITS = 10;
/** Most calls of one slice. Beyond it what is there counts half, so that the rate stays. */
const MASK = 2 ** BITS - 1;
/** Most calls that a window counts. */
export const MAX_COUNTED: number = SLICES * MASK;
/** Windows that are made room for at a time. */
const CHUNK = 64;

/** What a window has counted. */
export interface Counted {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/**
 * Calls, failures and slow calls of the last minutes, of many circuits: a ring of slices for each,
 * one small integer a slice, all in a few arrays. Whoever has a window knows the slice that it is
 * at.
 */
export class CallWindows {
  readonly #chunks: Uint32Array[] = [];
  readonly #free: number[] = [];
  readonly #sliceMs: number;
  #opened = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  sliceAt(nowMs: number): number {
    return Math.floor(nowMs / this.#sliceMs);
  }

  /** Gives an empty window. */
  open(): number {
    const known = this.#free.pop();
    if (known !== undefined) return known;
    if (this.#opened % CHUNK === 0) this.#chunks.push(new Uint32Array(CHUNK * SLICES));
    return this.#opened++;
  }

  /** Takes a window back, for others. */
  close(window: number): void {
    this.clear(window);
    this.#free.push(window);
  }

  clear(window: number): void {
    const start = startOf(window);
    this.#chunkOf(window).fill(0, start, start + SLICES);
  }

  add(window: number, slice: number, failed: boolean, slow: boolean): void {
    const ring = this.#chunkOf(window);
    const index = startOf(window) + (slice % SLICES);
    const counted = ring[index] as number;
    const packed = (counted & MASK) === MASK ? halve(counted) : counted;
    ring[index] = packed + 1 + (failed ? 1 << BITS : 0) + (slow ? 1 << (2 * BITS) : 0);
  }

  /**
   * Forgets what is too old, and says which slice it is now. A clock that goes back forgets
   * nothing.
   */
  advance(window: number, slice: number, nowMs: number): number {
    const now = this.sliceAt(nowMs);
    if (now <= slice) return slice;
    const ring = this.#chunkOf(window);
    const start = startOf(window);
    const steps = Math.min(now - slice, SLICES);
    for (let back = 0; back < steps; back++) ring[start + ((now - back) % SLICES)] = 0;
    return now;
  }

  counted(window: number): Counted {
    const ring = this.#chunkOf(window);
    const start = startOf(window);
    let calls = 0;
    let failures = 0;
    let slow = 0;
    for (let index = start; index < start + SLICES; index++) {
      const packed = ring[index] as number;
      calls += packed & MASK;
      failures += (packed >> BITS) & MASK;
      slow += packed >> (2 * BITS);
    }
    return { calls, failures, slow };
  }

  #chunkOf(window: number): Uint32Array {
    return this.#chunks[Math.floor(window / CHUNK)] as Uint32Array;
  }
}

function startOf(window: number): number {
  return (window % CHUNK) * SLICES;
}

function halve(packed: number): number {
  const half = (shift: number): number => (((packed >> shift) & MASK) + 1) >> 1;
  return half(0) + (half(BITS) << BITS) + (half(2 * BITS) << (2 * BITS));
}
