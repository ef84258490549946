import { checkFunction, checkOneOf } from "../config/check-object.ts";
import { GUARD_EVENT_NAMES, type GuardEventName, type GuardEvents } from "./guard-events.ts";

type Listener<N extends GuardEventName> = (event: GuardEvents[N]) => void;

/**
 * Calls listeners in order and keeps their errors from the call path: telemetry fails open and is
 * counted.
 */
export class Emitter {
  readonly #listeners = new Map<GuardEventName, readonly Listener<never>[]>();
  #errors = 0;

  /** How many times a listener threw. */
  get errors(): number {
    return this.#errors;
  }

  /** @throws {ConfigError} `BR9001` for a misspelt event, which would never be heard. */
  on<N extends GuardEventName>(name: N, listener: Listener<N>): () => void {
    checkOneOf("on.event", name, GUARD_EVENT_NAMES);
    checkFunction("on.listener", listener);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener as Listener<never>]);
    let subscribed = true;
    return () => {
      if (!subscribed) return;
      subscribed = false;
      const listeners = this.#listeners.get(name) ?? [];
      const index = listeners.indexOf(listener as Listener<never>);
      this.#listeners.set(name, listeners.toSpliced(index, 1));
    };
  }

  /** Whether anyone listens; ask first when building the event costs something. */
  has(name: GuardEventName): boolean {
    return (this.#listeners.get(name)?.length ?? 0) > 0;
  }

  /**
   * Tells everyone who listens; an error of theirs is counted and goes no further, and nor does
   * what they write: the event is frozen.
   */
  emit<N extends GuardEventName>(name: N, event: GuardEvents[N]): void {
    const listeners = this.#listeners.get(name) as readonly Listener<N>[] | undefined;
    if (listeners === undefined) return;
    Object.freeze(event);
    for (const listener of listeners) {
      try {
        const returned: unknown = listener(event);
        if (returned instanceof Promise) returned.catch(() => this.#errors++);
      } catch {
        this.#errors++;
      }
    }
  }
}
