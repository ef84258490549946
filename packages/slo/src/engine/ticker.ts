import type { CancelTimer, Clock } from "@burnrate/core";

/** Does something again and again in the background; it keeps no process alive. */
export class Ticker {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #tick: () => void;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, everyMs: number, tick: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#tick = tick;
  }

  start(): void {
    if (this.#cancel === undefined) this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const ring = (): void => {
      this.#arm();
      this.#tick();
    };
    this.#cancel = this.#clock.setTimer(ring, this.#everyMs, "background");
  }
}
