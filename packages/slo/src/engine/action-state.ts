import type { ActionKind, ObjectiveAction } from "../objective/action.ts";
import { isMeasured, type ObjectiveStatus } from "./status.ts";

/** What an action does next. */
export type ActionStep = "engage" | "release" | "none";

/**
 * Decides when an action begins and ends. It begins once its trigger has held for `after`, and ends
 * once it has been quiet for `quietFor` without a break, so that flapping data does not flap it. A
 * kill ends only by a revive; after one it begins anew only when the trigger was quiet in between.
 */
export class ActionState {
  readonly action: ObjectiveAction;
  #phase: "idle" | "engaged" | "revived" = "idle";
  #triggeredSinceMs: number | undefined;
  #quietSinceMs: number | undefined;

  constructor(action: ObjectiveAction) {
    this.action = action;
  }

  get isEngaged(): boolean {
    return this.#phase === "engaged";
  }

  evaluate(status: ObjectiveStatus, nowMs: number): ActionStep {
    if (!isTriggered(this.action, status)) return this.#quiet(nowMs);
    this.#quietSinceMs = undefined;
    this.#triggeredSinceMs ??= nowMs;
    if (this.#phase !== "idle" || nowMs - this.#triggeredSinceMs < this.action.afterMs) {
      return "none";
    }
    this.#phase = "engaged";
    return "engage";
  }

  /** Somebody took a kill back. */
  revived(): void {
    if (this.#phase === "engaged") this.#phase = "revived";
  }

  #quiet(nowMs: number): ActionStep {
    this.#triggeredSinceMs = undefined;
    if (this.#phase === "idle") return "none";
    this.#quietSinceMs ??= nowMs;
    if (nowMs - this.#quietSinceMs < this.action.quietMs) return "none";
    if (this.#phase === "engaged" && this.action.do === "kill") return "none";
    const step = this.#phase === "engaged" ? "release" : "none";
    this.#phase = "idle";
    this.#quietSinceMs = undefined;
    return step;
  }
}

/** Who hears nothing may say so and stop rollouts, but has no reason to stop calls. */
const ON_SILENCE: readonly ActionKind[] = ["alert", "freeze"];

function isTriggered(action: ObjectiveAction, status: ObjectiveStatus): boolean {
  const { on } = action;
  if (on === "exhausted") return status.state === "exhausted" || status.state === "violated";
  return status.alerts.some(
    (alert) =>
      alert.firing &&
      (on === "burn" || alert.severity === on) &&
      (ON_SILENCE.includes(action.do) || isMeasured(status, alert)),
  );
}
