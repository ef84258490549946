import type { AbsenceRule } from "../objective/absence-rule.ts";
import { roughly } from "../objective/duration.ts";
import { compileMatch, type EventNames } from "../objective/match.ts";
import type { JudgedEvent } from "./sample.ts";
import type { AbsenceEvent, SloEmitter } from "./slo-events.ts";

interface Watched {
  readonly rule: AbsenceRule;
  readonly matches: (names: EventNames) => boolean;
  lastMs: number;
  isAbsent: boolean;
}

/** Watches for silence. The time before the first event counts from the making of the engine. */
export class Absences {
  readonly #watched: readonly Watched[];
  readonly #emitter: SloEmitter;

  constructor(rules: readonly AbsenceRule[], emitter: SloEmitter, nowMs: number) {
    this.#emitter = emitter;
    this.#watched = rules.map((rule) => ({
      rule,
      matches: compileMatch(rule.match),
      lastMs: nowMs,
      isAbsent: false,
    }));
  }

  get size(): number {
    return this.#watched.length;
  }

  heard(event: JudgedEvent, nowMs: number): void {
    for (const watched of this.#watched) {
      const { rule, matches } = watched;
      if ((rule.sli !== undefined && rule.sli !== event.sli) || !matches(event)) continue;
      const wasAbsent = watched.isAbsent;
      const silentMs = nowMs - watched.lastMs;
      watched.lastMs = nowMs;
      watched.isAbsent = false;
      if (wasAbsent) this.#emitter.emit("absence-ended", toEvent(watched, silentMs, nowMs));
    }
  }

  evaluate(nowMs: number): void {
    for (const watched of this.#watched) {
      const silentMs = nowMs - watched.lastMs;
      if (watched.isAbsent || silentMs < watched.rule.afterMs) continue;
      watched.isAbsent = true;
      this.#emitter.emit("absence-detected", toEvent(watched, silentMs, nowMs));
    }
  }

  /** The rules of which nothing is heard. */
  absent(nowMs: number): AbsenceEvent[] {
    this.evaluate(nowMs);
    return this.#watched
      .filter(({ isAbsent }) => isAbsent)
      .map((watched) => toEvent(watched, nowMs - watched.lastMs, nowMs));
  }
}

function toEvent({ rule, lastMs }: Watched, silentMs: number, atMs: number): AbsenceEvent {
  const { agent, model, tool } = rule.match;
  const of = [agent && `agent ${agent}`, model && `model ${model}`, tool && `tool ${tool}`];
  const whom = of.filter(Boolean).join(", ") || "anyone";
  const what = rule.sli === undefined ? "events" : `${rule.sli} events`;
  const text = `No ${what} from ${whom} for ${roughly(silentMs)}.`;
  return { rule: rule.name, lastEventAtMs: lastMs, atMs, text };
}
