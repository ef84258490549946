/**
 * What went wrong, as plain data that crosses threads: `config` becomes a `ConfigError`, the rest a
 * `StoreUnavailableError`.
 */
export interface FailureData {
  readonly kind: "config" | "unavailable";
  /** What, where, and how to mend it. */
  readonly message: string;
  /** The code of the error behind it, such as `SQLITE_FULL` or `EACCES`. */
  readonly code: string;
}

/** A failure with words for the user; becomes one of the guard's errors on the other thread. */
export class StoreFailure extends Error {
  readonly data: FailureData;

  constructor(kind: FailureData["kind"], code: string, message: string) {
    super(message);
    this.data = { kind, code, message };
  }
}
