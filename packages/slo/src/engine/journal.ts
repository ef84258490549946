/** What was counted at one time. */
export type JournalEntry = readonly [atMs: number, bad: number, total: number];

/** Width of a step for objectives that count events. */
export const EVENT_GRAIN_MS = 10_000;
const MAX_ENTRIES = 4_096;

/**
 * What was counted since the state port last took it, in steps of ten seconds or of a slice. When
 * the port is away for long, neighbours are put together, so that it stays small and loses nothing
 * but precision.
 */
export class Journal {
  readonly #grainMs: number;
  #entries: [number, number, number][] = [];

  constructor(grainMs: number) {
    this.#grainMs = grainMs;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  add(atMs: number, bad: number, total: number): void {
    const stepMs = Math.floor(atMs / this.#grainMs) * this.#grainMs;
    const last = this.#entries.at(-1);
    if (last !== undefined && last[0] === stepMs) {
      last[1] += bad;
      last[2] += total;
      return;
    }
    if (this.#entries.length >= MAX_ENTRIES) this.#fold();
    this.#entries.push([stepMs, bad, total]);
  }

  /** Hands over what it holds and begins anew. */
  take(): readonly JournalEntry[] {
    const taken = this.#entries;
    this.#entries = [];
    return taken;
  }

  /** What it holds, without handing it over. */
  entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  #fold(): void {
    const folded: [number, number, number][] = [];
    for (let index = 0; index < this.#entries.length; index += 2) {
      const [atMs = 0, bad = 0, total = 0] = this.#entries[index] ?? [];
      const [, nextBad = 0, nextTotal = 0] = this.#entries[index + 1] ?? [];
      folded.push([atMs, bad + nextBad, total + nextTotal]);
    }
    this.#entries = folded;
  }
}
