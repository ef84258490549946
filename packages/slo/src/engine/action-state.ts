import type { ActionKind, ObjectiveAction } from "../objective/action.ts";
import { isMeasured, type ObjectiveStatus } from "./status.ts";

/** What an action does next. */
export type ActionStep = "engage" | "release" | "none";

/**
 * Decides when an action begins and ends. It begins once its trigger has held for `after`, and ends
 * once it has been quiet for `quietFor` without a break, so that flapping data does not flap it. A
 * kill that a guard is under ends only by a revive; after one it begins anew only when the trigger
 * was quiet in between.
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

  /**
   * `nowMs`: of the monotonic clock, so that a wall clock that is set is no time that passed.
   * `isHeld`: whether a guard is under it, or is being asked.
   */
  evaluate(isTriggered: boolean, nowMs: number, isHeld: boolean): ActionStep {
    if (!isTriggered) return this.#quiet(nowMs, isHeld);
    this.#quietSinceMs = undefined;
    this.#triggeredSinceMs ??= nowMs;
    if (this.#phase !== "idle" || nowMs - this.#triggeredSinceMs < this.action.afterMs) {
      return "none";
    }
    this.#phase = "engaged";
    return "engage";
  }

  /** Whether somebody took a kill back and it was not quiet since. */
  get isRevived(): boolean {
    return this.#phase === "revived";
  }

  /** Somebody took a kill of a process before this one back. */
  takeForRevived(): void {
    if (this.#phase === "idle") this.#phase = "revived";
  }

  /** Somebody took a kill back. */
  revived(): void {
    if (this.#phase === "engaged") this.#phase = "revived";
  }

  #quiet(nowMs: number, isHeld: boolean): ActionStep {
    this.#triggeredSinceMs = undefined;
    if (this.#phase === "idle") return "none";
    this.#quietSinceMs ??= nowMs;
    if (nowMs - this.#quietSinceMs < this.action.quietMs) return "none";
    if (this.#phase === "engaged" && this.action.do === "kill" && isHeld) return "none";
    const step = this.#phase === "engaged" ? "release" : "none";
    this.#phase = "idle";
    this.#quietSinceMs = undefined;
    return step;
  }
}

/**
 * These stop no call: silence and one bad event are reason enough to say so and to stop rollouts.
 */
const STOPS_NOTHING: readonly ActionKind[] = ["alert", "freeze"];

/** These stop calls, so that guards are asked for them at each call. */
export const STOPS_CALLS: readonly ActionKind[] = ["throttle", "open-breaker", "kill"];

/** Whether what an action waits for holds. */
export function isTriggered(action: ObjectiveAction, status: ObjectiveStatus): boolean {
  const { on } = action;
  const isLight = STOPS_NOTHING.includes(action.do);
  if (on === "exhausted") {
    return (
      status.state === "violated" || (status.state === "exhausted" && (isLight || status.bad > 1))
    );
  }
  return status.alerts.some(
    (alert) =>
      alert.firing &&
      (on === "burn" || alert.severity === on) &&
      (isLight || isMeasured(status, alert)),
  );
}
