import { checkOneOf, checkString } from "@burnrate/core/adapter";
import { objective } from "../objective/create-objective.ts";
import type { Objective, ObjectiveOptions } from "../objective/objective.ts";

/** Kinds of agents for which there are ready objectives. */
export type AgentKind = "support" | "coding" | "research" | "data-pipeline";

type Template = Omit<ObjectiveOptions, "match">;

const COMPLIANCE: Template = {
  name: "compliance",
  sli: "policy_compliance",
  target: 1,
  window: "30d",
  description: "No call breaks policy.",
};

function calls(sli: "call_success" | "tool_call_success", target: number): Template {
  const name = sli === "call_success" ? "model-calls" : "tool-calls";
  return { name, sli, target, window: "30d", description: "Calls are answered without an error." };
}

function tasks(target: number, window: string): Template {
  return { name: "tasks", sli: "task_success", target, window, description: "Tasks succeed." };
}

function cost(maxUsd: number, target: number): Template {
  const description = `Tasks cost at most $${maxUsd}.`;
  return {
    name: "cost",
    sli: "cost_per_task",
    target,
    window: "30d",
    threshold: { maxUsd },
    description,
  };
}

function duration(maxMinutes: number, target: number): Template {
  return {
    name: "duration",
    sli: "task_duration",
    target,
    window: "30d",
    threshold: { maxMs: maxMinutes * 60_000 },
    description: `Tasks that succeed take at most ${maxMinutes} minutes.`,
  };
}

/** Somebody waits for an answer: the first token matters. */
const SUPPORT: readonly Template[] = [
  tasks(0.95, "30d"),
  calls("call_success", 0.995),
  {
    name: "first-token",
    sli: "time_to_first_token",
    target: 0.95,
    window: "30d",
    threshold: { maxMs: 3_000 },
    description: "Answers begin within 3 seconds.",
  },
  cost(0.5, 0.95),
  COMPLIANCE,
];

/** Many tool calls a task, some of which fail and are tried in another way. */
const CODING: readonly Template[] = [
  tasks(0.85, "30d"),
  calls("call_success", 0.99),
  calls("tool_call_success", 0.9),
  duration(30, 0.9),
  cost(5, 0.95),
  COMPLIANCE,
];

/** Few, long, dear tasks. */
const RESEARCH: readonly Template[] = [
  tasks(0.9, "30d"),
  calls("call_success", 0.99),
  calls("tool_call_success", 0.95),
  duration(20, 0.9),
  cost(3, 0.9),
];

/** Nobody waits, and every failure is a gap in the data. */
const DATA_PIPELINE: readonly Template[] = [
  tasks(0.99, "30d"),
  calls("call_success", 0.99),
  calls("tool_call_success", 0.99),
  cost(0.1, 0.99),
  COMPLIANCE,
];

const TEMPLATES: Readonly<Record<AgentKind, readonly Template[]>> = {
  support: SUPPORT,
  coding: CODING,
  research: RESEARCH,
  "data-pipeline": DATA_PIPELINE,
};

/**
 * Ready objectives for a kind of agent: a place to begin. Names are `<agent>: <what>`; change one
 * with `extendObjective`.
 *
 * @example
 * createSloEngine({ objectives: agentObjectives("support", "refunds") });
 * @throws {ConfigError} `BR9001` for an unknown kind.
 */
export function agentObjectives(kind: AgentKind, agent: string): readonly Objective[] {
  const kinds = Object.keys(TEMPLATES) as AgentKind[];
  const templates = TEMPLATES[checkOneOf("agentObjectives.kind", kind, kinds)];
  const path = checkString("agentObjectives.agent", agent);
  return templates.map((template) =>
    objective({ ...template, name: `${path}: ${template.name}`, match: { agent: path } }),
  );
}
