import { boundedName, OTHER } from "./bounded-name.ts";
import { createSliSeries, type SliSeries } from "./sli-series.ts";

/**
 * All series, found by agent and model or tool through nested maps, so that a look-up joins no
 * strings. Beyond the cap, new names share one series each for models, tools and tasks, named
 * `other`: at most `maxSeries + 3` series exist.
 */
export interface SeriesRegistry {
  /** The series of an agent's tasks. */
  forAgent(agent: string | undefined): SliSeries;
  /** The series of a model as an agent uses it. */
  forModel(agent: string | undefined, model: string): SliSeries;
  /** The series of a tool as an agent uses it. */
  forTool(agent: string | undefined, tool: string): SliSeries;
  /** Every series, oldest first. */
  all(): readonly SliSeries[];
  /** How many look-ups were answered with an `other` series because of the cap. */
  readonly folded: number;
}

interface AgentEntry {
  own: SliSeries | undefined;
  readonly models: Map<string, SliSeries>;
  readonly tools: Map<string, SliSeries>;
}

/** Makes an empty registry. */
export function createSeriesRegistry(maxSeries: number): SeriesRegistry {
  const agents = new Map<string | undefined, AgentEntry>();
  const series: SliSeries[] = [];
  let counted = 0;
  let folded = 0;

  const entryOf = (agent: string | undefined): AgentEntry => {
    let entry = agents.get(agent);
    if (entry === undefined) {
      entry = { own: undefined, models: new Map(), tools: new Map() };
      agents.set(agent, entry);
    }
    return entry;
  };

  /** Opens a series that does not exist yet; `other` itself is outside the cap. */
  const open = (agent: string | undefined, kind: "own" | "models" | "tools", name: string) => {
    const isOther = agent === OTHER && (kind === "own" || name === OTHER);
    if (!isOther && counted >= maxSeries) return fold(kind);
    if (!isOther) counted += 1;
    const created = createSliSeries({
      agent,
      model: kind === "models" ? name : undefined,
      tool: kind === "tools" ? name : undefined,
    });
    series.push(created);
    const entry = entryOf(agent);
    if (kind === "own") entry.own = created;
    else entry[kind].set(name, created);
    return created;
  };

  const find = (agent: string | undefined, kind: "own" | "models" | "tools", name: string) => {
    const entry = agents.get(agent);
    return kind === "own" ? entry?.own : entry?.[kind].get(name);
  };

  const fold = (kind: "own" | "models" | "tools"): SliSeries => {
    folded += 1;
    return find(OTHER, kind, OTHER) ?? open(OTHER, kind, OTHER);
  };

  const bounded = (agent: string | undefined) =>
    agent === undefined ? undefined : boundedName(agent);

  return {
    forAgent(agent) {
      const key = bounded(agent);
      return agents.get(key)?.own ?? open(key, "own", OTHER);
    },
    forModel(agent, model) {
      const key = bounded(agent);
      const name = boundedName(model);
      return agents.get(key)?.models.get(name) ?? open(key, "models", name);
    },
    forTool(agent, tool) {
      const key = bounded(agent);
      const name = boundedName(tool);
      return agents.get(key)?.tools.get(name) ?? open(key, "tools", name);
    },
    all: () => series,
    get folded() {
      return folded;
    },
  };
}
