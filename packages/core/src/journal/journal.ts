/**
 * Where a guard notes what it spends from leases, before it sends a call. A store hears of that a
 * few times a second; what it had not heard of when a process crashed, whoever comes next tells it
 * from here. It must survive the process, not the machine: after a power cut the store's own rule
 * holds, which charges all that is not accounted for. Every method but `left` is synchronous.
 */
export interface Journal {
  /** Begins the notes of one guard, on the store of that name. */
  open(store: string): JournalPart;
  /**
   * The notes of others on that store: of processes that are gone, and of those that live. Only
   * whole ones, of this machine since it was started; others tell nothing that can be relied on.
   */
  left(store: string): Promise<readonly LeftPart[]>;
}

/** The notes of one guard. What fails is thrown; then `discard` must take all of them away. */
export interface JournalPart {
  /** Adds whole lines at the end. When it returns, a crash of the process does not take them. */
  append(lines: string): void;
  /** Puts these lines in the place of all, at once. */
  replace(lines: string): void;
  /** Says that the guard is alive, so that nobody takes its silence for its end. */
  touch(): void;
  /** Nothing is left of it, and whoever comes next knows nothing: notes with gaps would be wrong. */
  discard(): void;
  /** Leaves it to whoever comes next. */
  leave(): void;
}

/** Notes that another guard wrote. */
export interface LeftPart {
  readonly name: string;
  /** Changes when anything is written or touched. */
  readonly stamp: string;
  /** Whether its process has surely ended. Where nobody can know, its silence tells. */
  readonly isGone: boolean;
  read(): Promise<string>;
  remove(): Promise<void>;
}
