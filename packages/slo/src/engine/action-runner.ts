import { type ActiveKill, type Guard, isGuardError } from "@burnrate/core";
import { quote } from "@burnrate/core/adapter";
import { whatHappened } from "../alerts/alert-text.ts";
import { durationText } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { ActionState, isTriggered, STOPS_CALLS } from "./action-state.ts";
import { actorOf, type Grip, grip, isKillOf, killsOf, leaseOf, targetOf } from "./guard-hand.ts";
import { OwnRefusals } from "./own-refusals.ts";
import type { StatusReader } from "./read-status.ts";
import type { ActionEvent, SloEmitter } from "./slo-events.ts";
import type { ObjectiveStatus } from "./status.ts";
import type { Tracker } from "./tracker.ts";

/** What one action holds of one guard, and the question that the guard has not answered yet. */
interface Held {
  grip: Grip | undefined;
  asked: Promise<unknown> | undefined;
}

interface Running {
  readonly state: ActionState;
  readonly refusals: OwnRefusals;
  readonly held: Map<Guard, Held>;
  reason: string;
  /** Whether somebody took a kill back, and that not all are back is why nobody was told. */
  isEnding: boolean;
}

/** Runs the actions of one objective on every attached guard, and takes them back. */
export class ActionRunner {
  readonly #tracker: Tracker;
  /** The same without what actions refused, where anything can be. */
  readonly #unrefused: StatusReader | undefined;
  readonly #emitter: SloEmitter;
  readonly #guards: ReadonlySet<Guard>;
  readonly #leaseMs: number;
  readonly #running: readonly Running[];
  readonly #kills: readonly ActionState[];

  /** `evaluateEveryMs`: how often {@link evaluate} is called. */
  constructor(
    tracker: Tracker,
    unrefused: StatusReader | undefined,
    emitter: SloEmitter,
    guards: ReadonlySet<Guard>,
    evaluateEveryMs: number,
  ) {
    this.#tracker = tracker;
    this.#unrefused = unrefused;
    this.#emitter = emitter;
    this.#guards = guards;
    this.#leaseMs = leaseOf(evaluateEveryMs);
    this.#running = tracker.objective.actions.map((action) => ({
      state: new ActionState(action),
      refusals: new OwnRefusals(tracker, action),
      held: new Map(),
      reason: "",
      isEnding: false,
    }));
    this.#kills = this.#running
      .map(({ state }) => state)
      .filter(({ action }) => action.do === "kill");
  }

  get canFreeze(): boolean {
    return this.objective.actions.some((action) => action.do === "freeze");
  }

  get isFrozen(): boolean {
    return this.#running.some(({ state }) => state.isEngaged && state.action.do === "freeze");
  }

  get objective(): Objective {
    return this.#tracker.objective;
  }

  get canKill(): boolean {
    return this.#kills.length > 0;
  }

  /** What each of its actions did itself. */
  get ownRefusals(): readonly OwnRefusals[] {
    return this.#running.map(({ refusals }) => refusals);
  }

  /** Whether somebody took a kill back and it was not quiet since. */
  get isRevived(): boolean {
    return this.#kills.some(({ isRevived }) => isRevived);
  }

  /** Somebody took a kill of a process before this one back. */
  takeForRevived(): void {
    for (const state of this.#kills) state.takeForRevived();
  }

  evaluate(status: ObjectiveStatus, nowMs: number, monotonicMs: number): void {
    for (const running of this.#running) {
      const isHeld = [...running.held.values()].some((one) => one.grip || one.asked);
      const isInTrouble = this.#isInTrouble(running, status, nowMs, isHeld);
      const step = running.state.evaluate(isInTrouble, monotonicMs, isHeld);
      if (step === "engage") {
        running.refusals.begin(nowMs);
        running.reason = this.#reason(status);
        running.isEnding = false;
        this.#emitter.emit("action-engaged", this.#event(running, nowMs));
      } else if (step === "release") {
        this.#released(running, `Quiet for ${durationText(running.state.action.quietMs)}`, nowMs);
      }
      this.#settle(running, nowMs);
    }
  }

  /** Whether an action has a reason to begin or to go on that is not its own doing. */
  #isInTrouble(
    { state, refusals }: Running,
    status: ObjectiveStatus,
    nowMs: number,
    isHeld: boolean,
  ): boolean {
    const { action, isEngaged, isRevived } = state;
    if (!isTriggered(action, status)) {
      if (!isEngaged) refusals.end();
      return false;
    }
    if (refusals.isOpen) return !refusals.areAll(status, nowMs, isEngaged);
    // Under a kill nothing fails by itself: it is no quiet after which there may be another one.
    const isUnderKill = action.do === "kill" && (isHeld || isRevived);
    if (isUnderKill || this.#unrefused === undefined) return true;
    if (!STOPS_CALLS.includes(action.do)) return true;
    return isTriggered(action, this.#unrefused.read(nowMs));
  }

  /** Lets a guard ask at each call which model is wanted; adds functions that end it to `stops`. */
  offerModels(guard: Guard, stops: (() => void)[]): void {
    const { objective } = this.#tracker;
    for (const { state } of this.#running) {
      const { target } = state.action;
      if (state.action.do !== "downgrade" || target === undefined) continue;
      const reason = `objective ${quote(objective.name)} is in trouble`;
      const options = { key: target, reason, by: actorOf(objective), when: () => state.isEngaged };
      stops.push(guard.downgrade(targetOf(objective), options));
    }
  }

  /**
   * Somebody took a kill back, of whichever process; those of guards with stores of their own stay.
   * Who was about to kill for the same trouble does not.
   */
  revived(guard: Guard, kill: ActiveKill, nowMs: number): void {
    if (!isKillOf(kill, this.objective)) return;
    for (const running of this.#running) {
      const { state, held } = running;
      const one = held.get(guard);
      if (state.action.do !== "kill" || one?.asked) continue; // who asks looks itself
      if (one !== undefined) this.#takenBack(running, guard, kill.id, nowMs);
      else state.takeForRevived();
    }
  }

  #takenBack(running: Running, guard: Guard, killId: string, nowMs: number): void {
    running.held.delete(guard);
    running.state.revived();
    running.isEnding = true;
    this.#endKill(running, nowMs);
    this.#reviveTwins(running, guard, killId, nowMs);
  }

  /** Tells that a kill is over, once no guard is under it any more. */
  #endKill(running: Running, nowMs: number): void {
    const { held } = running;
    for (const [guard, one] of held) if (!one.grip && !one.asked) held.delete(guard);
    if (!running.isEnding || held.size > 0) return;
    running.isEnding = false;
    this.#released(running, "Somebody revived the kill", nowMs);
  }

  /** Guards and processes that share a store may all have killed at once: one revive is for all. */
  #reviveTwins(running: Running, guard: Guard, killId: string, nowMs: number): void {
    const { objective } = this.#tracker;
    const reason = `somebody revived ${killId}, which is of the same objective`;
    for (const { id } of killsOf(guard, objective)) {
      if (id === killId) continue;
      guard.revive(id, { reason, by: actorOf(objective) }).catch((error: unknown) => {
        const isThere = killsOf(guard, objective).some((kill) => kill.id === id);
        if (isThere) this.#failed(running, error, nowMs);
      });
    }
  }

  /** Takes everything back from a guard that is no longer ours, kills excepted. */
  async letGo(guard: Guard): Promise<void> {
    for (const { held } of this.#running) {
      const one = held.get(guard);
      held.delete(guard);
      await one?.asked;
      await one?.grip?.release().catch(() => {});
    }
  }

  /** Brings what guards do in line with what the state says. */
  #settle(running: Running, nowMs: number): void {
    const { state, held } = running;
    if (!STOPS_CALLS.includes(state.action.do)) return;
    if (!state.isEngaged) {
      if (state.action.do === "kill") this.#endKill(running, nowMs);
      else this.#releaseAll(running, nowMs);
      return;
    }
    for (const guard of this.#guards) {
      const one = held.get(guard) ?? { grip: undefined, asked: undefined };
      held.set(guard, one);
      if (!one.asked && this.#isDue(one.grip, nowMs)) this.#grip(running, guard, one, nowMs);
    }
  }

  #isDue(held: Grip | undefined, nowMs: number): boolean {
    if (held === undefined) return true;
    const { renewAtMs } = held;
    if (renewAtMs === undefined) return false;
    return nowMs >= renewAtMs || nowMs < renewAtMs - this.#leaseMs; // the clock was ahead then
  }

  #grip(running: Running, guard: Guard, one: Held, nowMs: number): void {
    const { action } = running.state;
    const before = one.grip;
    const reason = running.reason.replace(/\.$/, ""); // a refusal goes on behind it
    const options = { reason, nowMs, leaseMs: this.#leaseMs };
    one.asked = grip(guard, this.objective, action, options)
      .then(async (taken) => {
        one.grip = taken;
        await before?.release();
        const { killId } = taken;
        const isRevived = killId !== undefined && !guard.kills().some(({ id }) => id === killId);
        if (isRevived) this.#takenBack(running, guard, killId, nowMs); // before all had answered
      })
      .catch((error: unknown) => this.#failed(running, error, nowMs))
      .finally(() => {
        one.asked = undefined;
        if (!running.state.isEngaged) this.#settle(running, nowMs); // released in the meantime
      });
  }

  #releaseAll(running: Running, nowMs: number): void {
    for (const [guard, one] of running.held) {
      if (!one.asked) this.#release(running, guard, one, nowMs);
    }
  }

  #release(running: Running, guard: Guard, one: Held, nowMs: number): void {
    one.asked = (one.grip?.release() ?? Promise.resolve())
      .then(() => {
        one.grip = undefined;
        running.held.delete(guard);
      })
      .catch((error: unknown) => this.#failed(running, error, nowMs))
      .finally(() => {
        one.asked = undefined;
      });
  }

  #failed(running: Running, error: unknown, atMs: number): void {
    const message = isGuardError(error) ? error.message : "the guard did not take it";
    this.#emitter.emit("action-failed", { ...this.#event(running, atMs), message });
  }

  /** Says what ended it first, so that it does not read like a new beginning. */
  #released(running: Running, why: string, atMs: number): void {
    const reason = `${why}, after ${running.reason}`;
    this.#emitter.emit("action-released", { ...this.#event(running, atMs), reason });
  }

  #event({ state: { action }, reason }: Running, atMs: number): ActionEvent {
    const objective = this.#tracker.objective.name;
    return { objective, do: action.do, target: action.target, reason, atMs };
  }

  #reason({ alerts, bad, total }: ObjectiveStatus): string {
    const { objective } = this.#tracker;
    const firing = alerts.find((alert) => alert.firing);
    const text =
      firing?.text ?? `nothing is left of its budget: ${whatHappened(objective, bad, total)}`;
    return `objective ${quote(objective.name)}: ${text}`;
  }
}
