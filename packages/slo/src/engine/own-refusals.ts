import type { GuardErrorCode } from "@burnrate/core";
import { isEvidence } from "../alerts/guard-table.ts";
import type { ActionKind, ObjectiveAction } from "../objective/action.ts";
import type { Objective } from "../objective/objective.ts";
import type { ObjectiveStatus } from "./status.ts";
import type { Tracker } from "./tracker.ts";

/** With what these refuse calls. Nothing but a revive ends a kill, and the others refuse nothing. */
const REFUSES_WITH: Partial<Record<ActionKind, GuardErrorCode>> = {
  throttle: "BR4002",
  "open-breaker": "BR5001",
};
/** So many events without trouble are enough to begin counting anew. */
const ENOUGH = 10;

/** Events since a moment, those left out that actions of the objective ended. */
interface Mark {
  readonly atMs: number;
  readonly bad: number;
  readonly total: number;
  /** What these ended. */
  readonly own: number;
}

/** What a process that has traffic found last: that something else is wrong, or that nothing is. */
export interface Finding {
  /** Epoch ms. */
  readonly atMs: number;
  readonly isCalm: boolean;
}

/**
 * Tells whether an objective is in trouble only because its own actions refuse calls. Such a refusal
 * ends tasks, and these are bad for `task_success`: an open circuit would stay open for ever because
 * it is open, and a throttle beside it because of the circuit.
 */
export class OwnRefusals {
  readonly #tracker: Tracker;
  readonly #action: ObjectiveAction;
  /** None of an action that refuses nothing. */
  readonly #codes: ReadonlySet<GuardErrorCode>;
  /** Undefined while the action had no part in what is wrong. */
  #mark: Mark | undefined;
  #ownBefore = 0;
  #begunAtMs = 0;
  /** Of this process, or of another one. */
  #found: Finding | undefined;

  constructor(tracker: Tracker, action: ObjectiveAction) {
    this.#tracker = tracker;
    this.#action = action;
    this.#codes = new Set(REFUSES_WITH[action.do] && codesOf(tracker.objective));
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
    if (this.#codes.size === 0) return;
    this.#mark = this.#now(nowMs);
    this.#ownBefore = this.#mark.own;
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
    const isOwn = now.own !== this.#ownBefore;
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
    const { good, bad, endedBy } = this.#tracker;
    let own = 0;
    for (const code of this.#codes) own += endedBy.get(code) ?? 0;
    return { atMs, bad: bad - own, total: good + bad - own, own };
  }
}

function codesOf({ actions }: Objective): GuardErrorCode[] {
  return actions.map((action) => REFUSES_WITH[action.do]).filter((code) => code !== undefined);
}
