import { compileMatch, type EventNames } from "../objective/match.ts";
import type { JudgedEvent } from "./sample.ts";
import type { Tracker } from "./tracker.ts";

const MAX_REMEMBERED = 10_000;

type Names = string | undefined;

/** Who counts the events of one indicator; names that were seen before are found without matching. */
export class SliIndex {
  readonly #entries: {
    readonly tracker: Tracker;
    readonly matches: (names: EventNames) => boolean;
  }[] = [];
  #known = new Map<Names, Map<Names, Map<Names, readonly Tracker[]>>>();
  #remembered = 0;

  add(tracker: Tracker): void {
    this.#entries.push({ tracker, matches: compileMatch(tracker.objective.match) });
  }

  find(event: JudgedEvent): readonly Tracker[] {
    const known = this.#known.get(event.agent)?.get(event.model)?.get(event.tool);
    return known ?? this.#remember(event);
  }

  #remember(event: JudgedEvent): readonly Tracker[] {
    const found = this.#entries
      .filter(({ matches }) => matches(event))
      .map(({ tracker }) => tracker);
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#known = new Map();
      this.#remembered = 0;
    }
    const byModel =
      this.#known.get(event.agent) ?? new Map<Names, Map<Names, readonly Tracker[]>>();
    const byTool = byModel.get(event.model) ?? new Map<Names, readonly Tracker[]>();
    byTool.set(event.tool, found);
    byModel.set(event.model, byTool);
    this.#known.set(event.agent, byModel);
    this.#remembered++;
    return found;
  }
}
