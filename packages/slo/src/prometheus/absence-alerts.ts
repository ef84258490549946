import { type AbsenceRule, awaitedOf } from "../objective/absence-rule.ts";
import { durationWords } from "../objective/duration.ts";
import type { AlertRule } from "./alert-rules.ts";
import { literal, quoted } from "./write-yaml.ts";

/** When a rule heard something last, in seconds since the epoch, as its exporter tells. */
const LAST_EVENT = "agent_absence_last_event_timestamp_seconds";
const ABSENCE_ALERT = "AgentSloAbsence";
const UNKNOWN_ALERT = "AgentSloAbsenceUnknown";
/** How long an exporter may be away, say for a deployment. */
const UNKNOWN_FOR = "10m";

/**
 * One alert while nothing is heard, at the engine's own millisecond, and one while nobody exports
 * when that was. Of several processes it is enough that one hears something.
 */
export function absenceAlerts(rule: AbsenceRule): AlertRule[] {
  const selector = `${LAST_EVENT}{rule=${quoted(rule.name)}}`;
  const label = { rule: literal(rule.name) };
  return [
    {
      alert: ABSENCE_ALERT,
      expr: `round((time() - max by (rule) (${selector})) * 1000) >= ${rule.afterMs}`,
      labels: { severity: "page", ...label },
      annotations: {
        summary: `{{ $labels.rule }}: no ${literal(awaitedOf(rule))} in the last ${durationWords(rule.afterMs)}.`,
      },
    },
    {
      alert: UNKNOWN_ALERT,
      expr: `absent(${selector})`,
      for: UNKNOWN_FOR,
      labels: { severity: "ticket", ...label },
      annotations: {
        summary: "{{ $labels.rule }}: nothing is exported, so that nobody knows who is silent.",
      },
    },
  ];
}
