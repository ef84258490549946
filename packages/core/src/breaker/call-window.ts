/** Time slices of a window: the oldest leaves as a whole, so it looks back over 9 to 10 of them. */
export const SLICES = 10;
const BITS = 10;
/** Most calls of one slice. Beyond it what is there counts half, so that the rate stays. */
const MASK = 2 ** BITS - 1;
/** Most calls that a window counts. */
export const MAX_COUNTED: number = SLICES * MASK;

/**
 * Calls, failures and slow calls of the last minutes, in a ring of slices with running sums: O(1) a
 * call, one small integer a slice.
 */
export class CallWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  /** Calls, failures and slow calls of a slice in 10 bits each. */
  readonly #ring: number[] = new Array<number>(SLICES).fill(0);
  readonly #sliceMs: number;
  #slice: number;

  constructor(windowMs: number, nowMs: number) {
    this.#sliceMs = windowMs / SLICES;
    this.#slice = Math.floor(nowMs / this.#sliceMs);
  }

  add(nowMs: number, failed: boolean, slow: boolean): void {
    this.advance(nowMs);
    const index = this.#slice % SLICES;
    let packed = this.#ring[index] as number;
    if ((packed & MASK) === MASK) packed = this.#halve(packed);
    this.#ring[index] = packed + 1 + (failed ? 1 << BITS : 0) + (slow ? 1 << (2 * BITS) : 0);
    this.calls++;
    if (failed) this.failures++;
    if (slow) this.slow++;
  }

  /** Forgets what is too old. A clock that goes back forgets nothing. */
  advance(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice <= this.#slice) return;
    const steps = Math.min(slice - this.#slice, SLICES);
    this.#slice = slice;
    for (let back = 0; back < steps; back++) {
      const index = (slice - back) % SLICES;
      this.#count(this.#ring[index] as number, -1);
      this.#ring[index] = 0;
    }
  }

  clear(): void {
    this.#ring.fill(0);
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
  }

  #halve(packed: number): number {
    const half = (shift: number): number => (((packed >> shift) & MASK) + 1) >> 1;
    const halved = half(0) + (half(BITS) << BITS) + (half(2 * BITS) << (2 * BITS));
    this.#count(packed, -1);
    this.#count(halved, 1);
    return halved;
  }

  #count(packed: number, sign: 1 | -1): void {
    if (packed === 0) return;
    this.calls += sign * (packed & MASK);
    this.failures += sign * ((packed >> BITS) & MASK);
    this.slow += sign * (packed >> (2 * BITS));
  }
}
