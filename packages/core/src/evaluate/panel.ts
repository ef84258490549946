import type { CheckedEvaluator } from "./check-evaluators.ts";
import type { HoldBackRule } from "./hold-back.ts";
import { isSampled } from "./sample.ts";

/** The evaluators that look at one call or task. */
export interface Panel {
  readonly inline: readonly CheckedEvaluator[];
  readonly background: readonly CheckedEvaluator[];
  /** Those of the inline ones that judge a stream as it comes. */
  readonly windowed: readonly CheckedEvaluator[];
  readonly holdsBack: HoldBackRule | undefined;
}

/** Chooses who looks at calls of one kind; made once, so that a call costs no list. */
export type ChoosePanel = (id: string) => Panel | undefined;

/** Undefined for an id that nobody looks at. */
export function choosePanel(
  evaluators: readonly CheckedEvaluator[],
  on: CheckedEvaluator["on"],
): ChoosePanel {
  const all = evaluators.filter((evaluator) => evaluator.on === on && evaluator.sample > 0);
  const panel = panelOf(all);
  if (all.every(({ sample }) => sample >= 1)) return () => panel;
  return (id) => panelOf(all.filter(({ name, sample }) => isSampled(name, id, sample)));
}

function panelOf(chosen: readonly CheckedEvaluator[]): Panel | undefined {
  if (chosen.length === 0) return undefined;
  const inline = chosen.filter(({ mode }) => mode === "inline");
  return {
    inline,
    background: chosen.filter(({ mode }) => mode === "background"),
    windowed: inline.filter(({ onStream }) => typeof onStream === "object"),
    holdsBack: holdBackFor(inline),
  };
}

/** The strictest that any of them asks for; undefined when none can refuse. */
function holdBackFor(inline: readonly CheckedEvaluator[]): HoldBackRule | undefined {
  const refusing = inline.filter(({ onFail }) => onFail === "refuse");
  if (refusing.length === 0) return undefined;
  return { characters: Math.max(...refusing.map(({ onStream }) => charactersOf(onStream))) };
}

function charactersOf(onStream: CheckedEvaluator["onStream"]): number {
  if (typeof onStream === "object") return onStream.window;
  return onStream === "hold" ? Number.POSITIVE_INFINITY : 0;
}
