import {
  checkObject,
  checkString,
  compileGlob,
  isForeignGlob,
  isWithinAgent,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";

/** Whose events an objective counts; several fields mean all of them. */
export interface ObjectiveMatch {
  /** An agent's path; its sub-agents are covered. */
  readonly agent?: string;
  /** A model id or a glob with `*`. */
  readonly model?: string;
  /** A tool's name or a glob with `*`. */
  readonly tool?: string;
}

/** Names of an event, as the guard emits them. */
export interface EventNames {
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly tool?: string | undefined;
}

/** @throws {ConfigError} `BR9001` */
export function checkMatch(path: string, given: unknown): ObjectiveMatch {
  if (given === undefined) return Object.freeze({});
  const match = checkObject(path, given);
  refuseUnknownKeys(path, match, ["agent", "model", "tool"]);
  const checked: { agent?: string; model?: string; tool?: string } = {};
  for (const key of ["agent", "model", "tool"] as const) {
    if (match[key] === undefined) continue;
    const text = checkString(`${path}.${key}`, match[key]);
    if (key === "agent" && text.includes("*")) {
      throw optionError(`${path}.agent`, text, "an agent's path; it covers its sub-agents anyway");
    }
    if (key === "agent" && text.length > 1 && text.endsWith("/")) {
      const expected = "a path without / at its end: its sub-agents are covered too";
      throw optionError(`${path}.agent`, text, expected);
    }
    if (key !== "agent" && isForeignGlob(text)) {
      throw optionError(`${path}.${key}`, text, "a name in which * is the only wildcard");
    }
    checked[key] = text;
  }
  if (checked.model !== undefined && checked.tool !== undefined) {
    throw optionError(path, given, "about a model or a tool, not both: no call is both");
  }
  return Object.freeze(checked);
}

/** Compiles a checked match. */
export function compileMatch({
  agent,
  model,
  tool,
}: ObjectiveMatch): (names: EventNames) => boolean {
  const isModel = model === undefined ? undefined : compileGlob(model);
  const isTool = tool === undefined ? undefined : compileGlob(tool);
  return (names) =>
    (agent === undefined || isWithinAgent(names.agent, agent)) &&
    (isModel === undefined || (names.model !== undefined && isModel(names.model))) &&
    (isTool === undefined || (names.tool !== undefined && isTool(names.tool)));
}
