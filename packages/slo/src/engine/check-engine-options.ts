import { type Clock, type StateStore, systemClock } from "@burnrate/core";
import {
  checkArray,
  checkBoolean,
  checkMethods,
  checkObject,
  checkWholeNumber,
  optionError,
  quote,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { AbsenceRule } from "../objective/absence-rule.ts";
import type { Composite } from "../objective/composite.ts";
import { checkMade } from "../objective/made.ts";
import type { Objective } from "../objective/objective.ts";
import type { SloEngineOptions } from "./slo-engine.ts";

/** Options after the checks, every default filled in. */
export interface CheckedEngineOptions {
  readonly objectives: readonly Objective[];
  readonly composites: readonly Composite[];
  readonly absences: readonly AbsenceRule[];
  readonly anomalies: boolean;
  readonly clock: Clock;
  readonly state: StateStore | undefined;
  readonly syncEveryMs: number;
  readonly evaluateEveryMs: number;
}

const KEYS = [
  "objectives",
  "clock",
  "absences",
  "anomalies",
  "state",
  "syncEveryMs",
  "evaluateEveryMs",
] as const satisfies readonly (keyof SloEngineOptions)[];
const MAX_OBJECTIVES = 100_000;
const DEFAULT_EVERY_MS = 10_000;
const BOUNDS = { min: 100, max: 3_600_000 };

/** @throws {ConfigError} `BR9001`; nothing is half-loaded. */
export function checkEngineOptions(options: SloEngineOptions): CheckedEngineOptions {
  const path = "createSloEngine";
  const given = checkObject(path, options);
  refuseUnknownKeys(path, given, KEYS);
  const all = checkArray(`${path}.objectives`, given["objectives"], MAX_OBJECTIVES);
  const objectives: Objective[] = [];
  const composites: Composite[] = [];
  const names = new Set<string>();
  for (const [index, one] of all.entries()) {
    const at = `${path}.objectives[${index}]`;
    const checked = checkMade(at, one, ["objective", "composite"]);
    if (names.has(checked.name)) {
      throw optionError(`${at}.name`, checked.name, "unique: another objective has this name");
    }
    names.add(checked.name);
    if (checked.kind === "objective") objectives.push(checked);
    else composites.push(checked);
  }
  checkParts(path, objectives, composites);
  const absences = checkAbsences(`${path}.absences`, given["absences"] ?? []);
  const clock = given["clock"] ?? systemClock;
  checkMethods(`${path}.clock`, clock, ["wallMs"]);
  const state = given["state"];
  if (state !== undefined) checkMethods(`${path}.state`, state, ["read", "write"]);
  const every = (key: "syncEveryMs" | "evaluateEveryMs"): number =>
    checkWholeNumber(`${path}.${key}`, given[key] ?? DEFAULT_EVERY_MS, BOUNDS);
  return {
    objectives,
    composites,
    absences,
    anomalies: checkBoolean(`${path}.anomalies`, given["anomalies"] ?? false),
    clock: clock as Clock,
    state: state as StateStore | undefined,
    syncEveryMs: every("syncEveryMs"),
    evaluateEveryMs: every("evaluateEveryMs"),
  };
}

function checkAbsences(path: string, given: unknown): readonly AbsenceRule[] {
  const names = new Set<string>();
  return checkArray(path, given).map((one, index) => {
    const rule = checkMade(`${path}[${index}]`, one, ["absence"]);
    if (names.has(rule.name)) {
      throw optionError(`${path}[${index}].name`, rule.name, "unique: another rule has this name");
    }
    names.add(rule.name);
    return rule;
  });
}

function checkParts(
  path: string,
  objectives: readonly Objective[],
  composites: readonly Composite[],
): void {
  for (const { name, of } of composites) {
    for (const part of of) {
      if (objectives.some((one) => one.name === part)) continue;
      throw optionError(
        `${path}: composite ${quote(name)}`,
        part,
        "made of objectives of this engine",
      );
    }
  }
}
