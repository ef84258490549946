import type { TurnWait } from "@burnrate/core";
import { checkObject, optionError } from "@burnrate/core/adapter";
import type { EventSource } from "../objective/objective.ts";

/** One event, as `record` takes it: numbers and names, never content. */
export interface SliSample {
  /** The indicator, as objectives name it. */
  readonly sli: string;
  /**
   * Whether it was good; `"excluded"` says that it tells nothing. A `value` is judged by
   * thresholds; alone it tells nothing to an objective without one.
   */
  readonly good?: boolean | "excluded";
  /** Milliseconds, nano-dollars or a number of your own, for objectives with a threshold. */
  readonly value?: number;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly tool?: string | undefined;
  /** Default `application`; events of an attached guard say `guard`. */
  readonly source?: EventSource;
}

/** An event in the shape that objectives judge. */
export interface JudgedEvent {
  readonly sli: string;
  /** `unjudged`: only a threshold tells whether its value is good. */
  readonly outcome: "good" | "bad" | "excluded" | "unjudged";
  readonly value: number | undefined;
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly tool: string | undefined;
  readonly source: EventSource;
  /** Who pulled the kill, or forced the circuit open, that ended the task. */
  readonly refusedBy?: string | undefined;
  /** How much of a task's duration was waiting for turns, and who made it wait. */
  readonly throttled?: TurnWait | undefined;
}

/**
 * Reads what an application records.
 * @throws {ConfigError} `BR9001` when it says neither `good` nor `value`, no indicator, or names
 *   that are no texts.
 */
export function toEvent(sample: SliSample): JudgedEvent {
  if (typeof sample !== "object" || sample === null) checkObject("record", sample);
  const { sli, good, value, agent, model, tool, source = "application" } = sample;
  if (typeof sli !== "string" || sli === "") throw optionError("record.sli", sli, "an indicator");
  if (value !== undefined && !Number.isFinite(value)) {
    throw optionError("record.value", value, "a finite number");
  }
  if (good === undefined && value === undefined) {
    throw optionError("record.good", good, 'true, false or "excluded", unless there is a value');
  }
  if (source !== "application" && source !== "guard") {
    throw optionError("record.source", source, '"application" or "guard"');
  }
  checkName("agent", agent);
  checkName("model", model);
  checkName("tool", tool);
  return { sli, outcome: outcomeOf(good), value, agent, model, tool, source };
}

function checkName(key: "agent" | "model" | "tool", name: unknown): void {
  if (name === undefined || typeof name === "string") return;
  throw optionError(`record.${key}`, name, "a name, or left out");
}

function outcomeOf(good: SliSample["good"]): JudgedEvent["outcome"] {
  if (good === undefined) return "unjudged";
  if (good === true) return "good";
  if (good === false) return "bad";
  if (good === "excluded") return "excluded";
  throw optionError("record.good", good, 'true, false or "excluded"');
}
