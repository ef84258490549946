import { type AbsenceRule, awaitedOf } from "../objective/absence-rule.ts";
import { roughly } from "../objective/duration.ts";
import { MatchIndex } from "./match-index.ts";
import type { JudgedEvent } from "./sample.ts";
import type { HeardEvent } from "./slo-engine.ts";
import type { AbsenceEvent, SloEmitter } from "./slo-events.ts";

interface Watched {
  readonly rule: AbsenceRule;
  lastMs: number;
  /** Whether this process heard something itself. */
  hasHeard: boolean;
  /** What somebody said last whose clock is ahead of ours; said again, it is nothing new. */
  aheadMs: number | undefined;
  isAbsent: boolean;
}

/** Watches for silence. The time before the first event counts from the making of the engine. */
export class Absences {
  readonly #watched: readonly Watched[];
  readonly #index: MatchIndex<Watched> = new MatchIndex<Watched>();
  readonly #emitter: SloEmitter;

  constructor(rules: readonly AbsenceRule[], emitter: SloEmitter, nowMs: number) {
    this.#emitter = emitter;
    this.#watched = rules.map((rule) => ({
      rule,
      lastMs: nowMs,
      hasHeard: false,
      aheadMs: undefined,
      isAbsent: false,
    }));
    for (const watched of this.#watched) this.#index.add(watched.rule.match, watched);
  }

  get size(): number {
    return this.#watched.length;
  }

  get rules(): readonly AbsenceRule[] {
    return this.#watched.map(({ rule }) => rule);
  }

  heard(event: JudgedEvent, nowMs: number): void {
    for (const watched of this.#index.find(event)) {
      const { sli } = watched.rule;
      if (sli !== undefined && sli !== event.sli) continue;
      this.#hear(watched, nowMs, nowMs);
      watched.hasHeard = true;
    }
  }

  /**
   * Takes over when somebody else heard last what a rule, by its index, waits for; what is known
   * together is returned. The time of our making is no more than a beginning: what was heard before
   * it counts. What a clock that is ahead of ours says was heard later than now, was heard now.
   */
  adopt(index: number, atMs: number | undefined, nowMs: number): number {
    const watched = this.#watched[index] as Watched;
    if (atMs === undefined || atMs === watched.aheadMs) return watched.lastMs;
    if (atMs > nowMs) watched.aheadMs = atMs;
    const heardMs = Math.min(atMs, nowMs);
    if (heardMs > watched.lastMs || !watched.hasHeard) this.#hear(watched, heardMs, nowMs);
    return watched.lastMs;
  }

  evaluate(nowMs: number): void {
    for (const watched of this.#watched) {
      watched.lastMs = Math.min(watched.lastMs, nowMs); // of a clock that was ahead
      const silentMs = nowMs - watched.lastMs;
      if (watched.isAbsent || silentMs < watched.rule.afterMs) continue;
      watched.isAbsent = true;
      const text = toldOf(watched, silentMs);
      this.#emitter.emit("absence-detected", toEvent(watched, text, nowMs));
    }
  }

  #hear(watched: Watched, atMs: number, nowMs: number): void {
    const silentMs = atMs - watched.lastMs;
    watched.lastMs = atMs;
    if (!watched.isAbsent || nowMs - atMs >= watched.rule.afterMs) return;
    watched.isAbsent = false;
    const text = toldOf(watched, silentMs, "Heard again, after no");
    this.#emitter.emit("absence-ended", toEvent(watched, text, nowMs));
  }

  /** What each rule waits for, heard last. */
  lastHeard(): HeardEvent[] {
    return this.#watched.map(({ rule, lastMs }) => ({ rule: rule.name, lastEventAtMs: lastMs }));
  }

  /** The rules of which nothing was heard when they were looked at last. */
  absent(nowMs: number): AbsenceEvent[] {
    return this.#watched
      .filter(({ isAbsent }) => isAbsent)
      .map((watched) => toEvent(watched, toldOf(watched, nowMs - watched.lastMs), nowMs));
  }
}

function toldOf({ rule }: Watched, silentMs: number, begin = "No"): string {
  return `${begin} ${awaitedOf(rule)} for ${roughly(silentMs)}.`;
}

function toEvent({ rule, lastMs }: Watched, text: string, atMs: number): AbsenceEvent {
  return { rule: rule.name, lastEventAtMs: lastMs, atMs, text };
}
