import { type Clock, systemClock } from "../ports/clock.ts";
import type { GateHost } from "../ports/gate.ts";
import type { CircuitEvent, CircuitEventName } from "./breaker.ts";

/** Guards that share a breaker and hear of it; a later one takes the place of the oldest. */
const MAX_GUARDS = 16;

/** What circuits need of the guards around them: time, and someone to tell. */
export class BreakerHost {
  readonly #guards: GateHost[] = [];
  #clock: Clock;
  /** Whether the guards that share it have other clocks than the first. */
  #hasOtherClocks = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The first guard's clock is everyone's. */
  attach(guard: GateHost): void {
    if (this.#guards.length === 0) this.#clock = guard.clock;
    else {
      if (guard.clock !== this.#clock) this.#hasOtherClocks = true;
      if (this.#guards.length === MAX_GUARDS) this.#guards.shift();
    }
    this.#guards.push(guard);
  }

  /** Whole milliseconds on the monotonic clock; of an instant that a guard has, where it may. */
  nowMs(atMs?: number): number {
    if (atMs !== undefined && !this.#hasOtherClocks) return Math.floor(atMs);
    return Math.floor(this.#clock.monotonicMs());
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  emit(name: CircuitEventName, event: CircuitEvent): void {
    for (const guard of this.#guards) guard.emit(name, event);
  }

  warn(topic: string, message: string): void {
    for (const guard of this.#guards) guard.warn(topic, message);
  }
}
