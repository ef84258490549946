import type { SloEmitter } from "./slo-events.ts";
import type { AlertStatus, ObjectiveState, ObjectiveStatus } from "./status.ts";

/** Tells of what changed between two looks at an objective. */
export class Watch {
  readonly #objective: string;
  readonly #emitter: SloEmitter;
  #seen: ObjectiveStatus | undefined;
  #state: ObjectiveState = "no_data";
  readonly #firing = new Map<number, AlertStatus>();

  constructor(objective: string, emitter: SloEmitter) {
    this.#objective = objective;
    this.#emitter = emitter;
  }

  look(status: ObjectiveStatus, atMs: number): void {
    if (status === this.#seen) return;
    this.#seen = status;
    const objective = this.#objective;
    for (const [index, alert] of status.alerts.entries()) {
      if (alert.firing === this.#firing.has(index)) continue;
      if (alert.firing) this.#firing.set(index, alert);
      else this.#firing.delete(index);
      const name = alert.firing ? "alert-fired" : "alert-resolved";
      this.#emitter.emit(name, { ...alert, objective, atMs });
    }
    if (status.state === this.#state) return;
    const from = this.#state;
    this.#state = status.state;
    this.#emitter.emit("state-changed", { objective, from, to: status.state, atMs });
  }
}
