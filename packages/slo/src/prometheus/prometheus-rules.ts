import { optionError } from "@burnrate/core/adapter";
import type { Objective } from "../objective/objective.ts";
import { alertRules } from "./alert-rules.ts";
import { recordingRules } from "./recording-rules.ts";
import { writeYaml } from "./write-yaml.ts";

const MAX_OBJECTIVES = 10_000;

/**
 * Recording and alert rules for Prometheus that fire when the engine's alerts do: the same windows,
 * the same decimal digits of the threshold, the same low-traffic guard. They read
 * `agent_sli_events_total{slo, outcome}`, which `@burnrate/otel` exports for an engine.
 *
 * Each objective is one group, so that its alerts see the recordings of the same moment; many
 * objectives make one file. Prometheus 2 and an engine that are asked at the same moment agree
 * exactly; range selectors of Prometheus 3 leave out the sample at their start, so that there the
 * counts may differ by those of one scrape.
 *
 * @example
 * writeFileSync("slo-rules.yml", prometheusRules(engine.objectives));
 * @throws {ConfigError} `BR9001` for what `objective` did not make, and for a name that is used twice.
 */
export function prometheusRules(objectives: Objective | readonly Objective[]): string {
  const groups = checkObjectives(objectives).map((objective) => ({
    name: `agent-slo ${wellFormed(objective.name)}`,
    rules: [...recordingRules(objective), ...alertRules(objective)],
  }));
  return writeYaml({ groups });
}

/** As exporters write it: half a surrogate pair is no text to Prometheus. */
function wellFormed(name: string): string {
  return name.toWellFormed();
}

function checkObjectives(given: Objective | readonly Objective[]): readonly Objective[] {
  const all = Array.isArray(given) ? (given as readonly Objective[]) : [given as Objective];
  if (all.length === 0 || all.length > MAX_OBJECTIVES) {
    throw optionError("prometheusRules", given, `1 to ${MAX_OBJECTIVES} objectives`);
  }
  const names = new Set<string>();
  for (const [index, one] of all.entries()) {
    const path = `prometheusRules[${index}]`;
    if (typeof one !== "object" || one === null || one.kind !== "objective") {
      throw optionError(path, one, "made by objective(…); a composite counts nothing itself");
    }
    const name = wellFormed(one.name);
    if (names.has(name)) throw optionError(`${path}.name`, name, "unique: another has this name");
    names.add(name);
  }
  return all;
}
