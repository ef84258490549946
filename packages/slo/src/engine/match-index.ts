import { compileMatch, type EventNames, type ObjectiveMatch } from "../objective/match.ts";

const MAX_REMEMBERED = 10_000;

type Names = string | undefined;

/** Who waits for whose events; names that were seen before are found without matching. */
export class MatchIndex<T> {
  readonly #entries: {
    readonly item: T;
    readonly matches: (names: EventNames) => boolean;
  }[] = [];
  #known = new Map<Names, Map<Names, Map<Names, readonly T[]>>>();
  #remembered = 0;

  add(match: ObjectiveMatch, item: T): void {
    this.#entries.push({ item, matches: compileMatch(match) });
  }

  find(event: EventNames): readonly T[] {
    const known = this.#known.get(event.agent)?.get(event.model)?.get(event.tool);
    return known ?? this.#remember(event);
  }

  #remember(event: EventNames): readonly T[] {
    const found = this.#entries.filter(({ matches }) => matches(event)).map(({ item }) => item);
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#known = new Map();
      this.#remembered = 0;
    }
    const byModel = this.#known.get(event.agent) ?? new Map<Names, Map<Names, readonly T[]>>();
    const byTool = byModel.get(event.model) ?? new Map<Names, readonly T[]>();
    byTool.set(event.tool, found);
    byModel.set(event.model, byTool);
    this.#known.set(event.agent, byModel);
    this.#remembered++;
    return found;
  }
}
