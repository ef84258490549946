/**
 * Runs functions in the asynchronous context where it was made. What waits for a promise goes on in
 * the context where it began to wait: that costs a fraction of `AsyncLocalStorage.snapshot()`, and
 * most calls never come back here.
 */
export class Here {
  readonly #waiting: (() => void)[] = [];
  #wake: () => void = ignore;

  constructor() {
    this.#listen();
  }

  /** Runs it a turn later; those that are asked for at once run in their order. */
  run<T>(fn: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(fn()));
      this.#wake();
    });
  }

  #listen(): void {
    const woken = new Promise<void>((wake) => {
      this.#wake = wake;
    });
    void woken.then(() => {
      this.#listen();
      for (const run of this.#waiting.splice(0)) run();
    });
  }
}

function ignore(): void {}
