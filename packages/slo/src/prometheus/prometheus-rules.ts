import { optionError } from "@burnrate/core/adapter";
import type { AbsenceRule } from "../objective/absence-rule.ts";
import { checkMade } from "../objective/made.ts";
import type { Objective } from "../objective/objective.ts";
import { absenceAlerts } from "./absence-alerts.ts";
import { alertRules } from "./alert-rules.ts";
import { recordingRules } from "./recording-rules.ts";
import { writeYaml } from "./write-yaml.ts";

const MAX_RULES = 10_000;
/** What groups are called. */
const PREFIXES = { objective: "agent-slo", absence: "agent-slo-absence" } as const;

/**
 * Recording and alert rules for Prometheus that fire when the engine's alerts do: the same windows,
 * the same decimal digits of the threshold, the same low-traffic guard. They read
 * `agent_sli_events_total{slo, outcome}`, which `@burnrate/otel` exports for an engine.
 *
 * Absence rules alert while the engine hears nothing; they read
 * `agent_absence_last_event_timestamp_seconds{rule}`, which is exported with them.
 *
 * Each objective is one group, so that its alerts see the recordings of the same moment; many
 * objectives make one file. Prometheus 2 and an engine that are asked at the same moment agree
 * exactly; range selectors of Prometheus 3 leave out the sample at their start, so that there the
 * counts may differ by those of one scrape.
 *
 * @example
 * writeFileSync("slo-rules.yml", prometheusRules([...engine.objectives, ...engine.absenceRules]));
 * @throws {ConfigError} `BR9001` for what neither `objective` nor `absenceRule` made, and for a name that is used twice.
 */
export function prometheusRules(
  rules: Objective | AbsenceRule | readonly (Objective | AbsenceRule)[],
): string {
  return writeYaml({ groups: checkRules(rules).map(groupOf) });
}

function groupOf(rule: Objective | AbsenceRule): object {
  const name = `${PREFIXES[rule.kind]} ${wellFormed(rule.name)}`;
  if (rule.kind === "absence") return { name, rules: absenceAlerts(rule) };
  return { name, rules: [...recordingRules(rule), ...alertRules(rule)] };
}

/** As exporters write it: half a surrogate pair is no text to Prometheus. */
function wellFormed(name: string): string {
  return name.toWellFormed();
}

function checkRules(
  given: Objective | AbsenceRule | readonly (Objective | AbsenceRule)[],
): readonly (Objective | AbsenceRule)[] {
  const all = (Array.isArray(given) ? given : [given]) as readonly (Objective | AbsenceRule)[];
  if (all.length === 0 || all.length > MAX_RULES) {
    throw optionError("prometheusRules", given, `1 to ${MAX_RULES} objectives and absence rules`);
  }
  const names = new Set<string>();
  for (const [index, one] of all.entries()) {
    const path = `prometheusRules[${index}]`;
    checkMade(path, one, ["objective", "absence"], "; a composite counts nothing itself");
    const name = `${one.kind} ${wellFormed(one.name)}`;
    if (names.has(name)) throw optionError(`${path}.name`, name, "unique: another has this name");
    names.add(name);
  }
  return all;
}
