import { isEvidence } from "../alerts/guard-table.ts";
import type { ObjectiveAction } from "../objective/action.ts";
import type { ObjectiveStatus } from "./status.ts";
import type { Tracker } from "./tracker.ts";

/**
 * What would hold itself. Nothing but a revive ends a kill, and others refuse nothing. What comes
 * back of a budget is measured beside a throttle, but not behind an open circuit.
 */
function holdsItself(action: ObjectiveAction): boolean {
  return action.do === "open-breaker" || (action.do === "throttle" && action.on !== "exhausted");
}

/** So many events without trouble are enough to begin counting anew. */
const ENOUGH = 10;

/** Events since a moment, those left out that actions refused. */
interface Mark {
  readonly atMs: number;
  readonly bad: number;
  readonly total: number;
  readonly refused: number;
}

/** What a process that has traffic found last: that something else is wrong, or that nothing is. */
export interface Finding {
  /** Epoch ms. */
  readonly atMs: number;
  readonly isCalm: boolean;
}

/**
 * Tells whether an objective is in trouble only because actions refuse calls: its own, or those of
 * another one. Such a refusal ends tasks, and these are bad for `task_success`: an open circuit would
 * stay open for ever because it is open, and a throttle beside it because of the circuit. What a
 * person, a limit or a breaker by itself refuses is as bad as what fails.
 */
export class OwnRefusals {
  readonly #tracker: Tracker;
  readonly #action: ObjectiveAction;
  /** Undefined while the action had no part in what is wrong. */
  #mark: Mark | undefined;
  #refusedBefore = 0;
  #begunAtMs = 0;
  /** Of this process, or of another one. */
  #found: Finding | undefined;

  constructor(tracker: Tracker, action: ObjectiveAction) {
    this.#tracker = tracker;
    this.#action = action;
  }

  /** By which the state port knows what they are of. */
  get name(): string {
    return `${this.#tracker.objective.name}:${this.#action.do}`;
  }

  /** Whether others may have to be asked, or told. */
  get isOpen(): boolean {
    return this.#mark !== undefined;
  }

  /**
   * Takes over what another process found, if it is newer, and says what is the newest. A process
   * that has no traffic hears of no refusal, and would hold on to the action for ever.
   */
  adopt(found: Finding | undefined): Finding | undefined {
    if (found !== undefined && found.atMs > (this.#found?.atMs ?? 0)) this.#found = found;
    return this.#found;
  }

  /** The action has begun. */
  begin(nowMs: number): void {
    if (!holdsItself(this.#action)) return;
    this.#mark = this.#now(nowMs);
    this.#refusedBefore = this.#mark.refused;
    this.#begunAtMs = nowMs;
  }

  /** What was wrong is over. */
  end(): void {
    this.#mark = undefined;
  }

  /** Whether nothing else was wrong lately, while the trigger of the action holds. */
  areAll(status: ObjectiveStatus, nowMs: number, isEngaged: boolean): boolean {
    const mark = this.#mark;
    if (mark === undefined) return false;
    const now = this.#now(nowMs);
    const isOwn = now.refused !== this.#refusedBefore;
    const isCalm = this.#found?.isCalm === true && this.#found.atMs > this.#begunAtMs;
    if (!isOwn && !isCalm) return false;
    const [bad, total] = [now.bad - mark.bad, now.total - mark.total];
    if (this.#isTrouble(status, bad, total)) {
      this.#found = { atMs: nowMs, isCalm: false };
      if (isEngaged) this.begin(nowMs);
      else this.end();
      return false;
    }
    if (isOwn) this.#found = { atMs: nowMs, isCalm: true };
    if (total >= ENOUGH && nowMs - mark.atMs >= this.#action.quietMs) this.#mark = now;
    return true;
  }

  /** By the rules that fire; a slice has a target of its own, a budget that is gone no factor. */
  #isTrouble({ alerts }: ObjectiveStatus, bad: number, total: number): boolean {
    const { method, rules, target } = this.#tracker.objective;
    if (target.budget === 0) return bad > 0;
    if (method.kind === "time-slices") return bad > 1 && (total - bad) / total < method.target;
    if (this.#action.on === "exhausted") return bad > 1 && bad / total > target.budget;
    return rules.some(
      ({ threshold, guard }, index) =>
        alerts[index]?.firing && bad / total > threshold && isEvidence(guard, bad, total),
    );
  }

  #now(atMs: number): Mark {
    const { good, bad, refused } = this.#tracker;
    return { atMs, bad: bad - refused, total: good + bad - refused, refused };
  }
}
