import type { Emitter } from "../events/emitter.ts";
import type { ArmedKill } from "./armed-kills.ts";
import type { KillEntry } from "./kill-log.ts";
import type { ActiveKill } from "./kill-switch.ts";

/** Tells of kills and of what is taken back: once each, and of nothing before anybody can listen. */
export class KillEvents {
  readonly #emitter: Emitter;
  /** What there is to tell and nobody could hear yet, in order. */
  #early: (() => void)[] | undefined;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  /** Whoever is making the guard subscribes once he has it: until then all of it waits. */
  awaitListeners(): void {
    const early: (() => void)[] = [];
    this.#early = early;
    queueMicrotask(() => {
      this.#early = undefined;
      for (const tell of early) tell();
    });
  }

  issued(armed: ArmedKill): void {
    if (armed.announced) return;
    armed.announced = true;
    this.#tell(() => this.#emitter.emit("kill-issued", armed.entry));
  }

  /** Who took back what somebody else did, if it was in force. */
  revived(kill: ActiveKill | undefined, entry: KillEntry & { readonly kind: "revive" }): void {
    if (kill === undefined) return;
    this.#tell(() => this.#emitter.emit("kill-revived", { ...entry, kill }));
  }

  #tell(tell: () => void): void {
    if (this.#early === undefined) tell();
    else this.#early.push(tell);
  }
}
