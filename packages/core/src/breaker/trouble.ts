import type { CircuitState } from "./breaker.ts";
import type { Force } from "./forces.ts";
import type { Slots } from "./slots.ts";

/** What is to know of a circuit that has been in trouble: of most there is none. */
export class Trouble {
  state: "closed" | "open" | "half-open" = "closed";
  /** While it is probed, and for a while after; undefined when any number may run. */
  slots: Slots | undefined;
  timesReopened = 0;
  openUntilMs = 0;
  pausedUntilMs = 0;
  force: Force | undefined;
  sinceMs: number | undefined;
  why: string | undefined;

  /** Whether nothing stands in any call's way. */
  get isOver(): boolean {
    const { state, slots, force, pausedUntilMs } = this;
    return state === "closed" && slots === undefined && force === undefined && pausedUntilMs === 0;
  }

  /** Whether what somebody forced, or a pause, is not over. */
  lastsAt(nowMs: number): boolean {
    return nowMs < this.pausedUntilMs || (this.force !== undefined && nowMs < this.force.untilMs);
  }

  /** As people see it: what somebody forced comes before a pause, and that before the calls. */
  shownAt(nowMs: number): CircuitState {
    const { state, slots, force, pausedUntilMs } = this;
    if (force !== undefined) return force.open ? "forced-open" : "forced-closed";
    if (nowMs < pausedUntilMs) return "paused";
    return state === "closed" && slots !== undefined ? "ramping" : state;
  }

  /** Lets every call pass again, and forgets how often it was opened. */
  close(): void {
    this.state = "closed";
    this.slots = undefined;
    this.timesReopened = 0;
  }
}
