import type { BurnRule, Severity } from "../alerts/burn-rule.ts";
import type { ActionOption, ObjectiveAction } from "./action.ts";
import type { ObjectiveMatch } from "./match.ts";
import type { Method, MethodOption } from "./method.ts";
import type { ObjectiveWindow, ObjectiveWindowOption } from "./objective-window.ts";
import type { Target } from "./target.ts";
import type { Threshold, ThresholdOption } from "./threshold.ts";

/** Who says that an event was good: the guard saw it, or the application recorded it by hand. */
export type EventSource = "guard" | "application";

/** One multi-window burn-rate rule, in place of Google's defaults. */
export interface AlertOption {
  readonly severity: Severity;
  /** `"1h"`. */
  readonly long: string;
  /** Default a twelfth of `long`, at least two minutes. */
  readonly short?: string;
  readonly factor: number;
  /** Whether it also fires while nothing is measured in its long window (default false). */
  readonly whenNoData?: boolean;
}

/** What `objective` takes. */
export interface ObjectiveOptions {
  /** Unique in an engine. */
  readonly name: string;
  /**
   * An indicator of the guard, `eval:<evaluator>`, or a name that the application records under.
   */
  readonly sli: string;
  /** The share of events that must be good: `0.995`, `"0.995"` or `"99.5 %"`; 1 tolerates none. */
  readonly target: number | string;
  /** `"30d"` rolls; `"month"` and `{ calendar: "month", timeZone: "Europe/Berlin" }` begin anew. */
  readonly window: ObjectiveWindowOption;
  /** Whose events count; everyone's without it. */
  readonly match?: ObjectiveMatch;
  /**
   * Which values are good, for indicators that are measured: `{ maxMs: 5_000 }`, `{ maxUsd: 0.5 }`.
   */
  readonly threshold?: ThresholdOption;
  /** Default `"occurrences"`: every event counts the same. */
  readonly method?: MethodOption;
  /** Default: Google's, scaled to the window. */
  readonly alerts?: readonly AlertOption[];
  /** What happens while the budget burns or is used up. */
  readonly actions?: readonly ActionOption[];
  /** Whose word counts (default both). */
  readonly sources?: readonly EventSource[];
  /** Below this share of measured time the state is `low_coverage` (default 0: never). */
  readonly minCoverage?: number;
  /** What it is about, for people. */
  readonly description?: string;
  /** The service that it belongs to, for tools that group by it. */
  readonly service?: string;
}

/** A checked objective. Plain frozen data: engine, rules and exporters read the same figures. */
export interface Objective {
  readonly kind: "objective";
  readonly name: string;
  readonly sli: string;
  readonly target: Target;
  readonly window: ObjectiveWindow;
  readonly match: ObjectiveMatch;
  readonly threshold: Threshold | undefined;
  readonly method: Method;
  /** Empty for a target of 100 %, which alerts on the first bad event of the last hour. */
  readonly rules: readonly BurnRule[];
  readonly actions: readonly ObjectiveAction[];
  readonly sources: readonly EventSource[];
  readonly minCoverage: number;
  readonly description: string | undefined;
  readonly service: string | undefined;
  /** In plain words, what was changed to make the rules reachable. */
  readonly notes: readonly string[];
  /** What it was made from, for `extendObjective` and exports. */
  readonly options: ObjectiveOptions;
}
