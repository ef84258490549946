import { checkObject, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";
import { checkDuration, DAY_MS, MINUTE_MS } from "./duration.ts";
import { checkMatch, type ObjectiveMatch } from "./match.ts";
import { checkSli } from "./sli.ts";

/** Somebody of whom something should be heard all the time. */
export interface AbsenceOptions {
  /** Names it in events and alerts; unique in an engine. */
  readonly name: string;
  /** Whose events are waited for; anyone's without it. */
  readonly match?: ObjectiveMatch;
  /** Which indicator; any without it. */
  readonly sli?: string;
  /** How long nothing may be heard, such as `"10m"`. */
  readonly after: string;
}

/** A checked absence rule. */
export interface AbsenceRule {
  readonly kind: "absence";
  readonly name: string;
  readonly match: ObjectiveMatch;
  readonly sli: string | undefined;
  readonly afterMs: number;
}

/**
 * Makes a rule that alerts when nothing is heard: an agent that is down fails no call.
 * @example
 * absenceRule({ name: "support is silent", match: { agent: "support" }, after: "10m" });
 * @throws {ConfigError} `BR9001`
 */
export function absenceRule(options: AbsenceOptions): AbsenceRule {
  const given = checkObject("absenceRule", options);
  refuseUnknownKeys("absenceRule", given, ["name", "match", "sli", "after"]);
  const name = checkString("absenceRule.name", given["name"]);
  const path = `absenceRule ${JSON.stringify(name)}`;
  const sli = given["sli"];
  return Object.freeze({
    kind: "absence" as const,
    name,
    match: checkMatch(`${path}.match`, given["match"]),
    sli: sli === undefined ? undefined : checkSli(`${path}.sli`, sli),
    afterMs: checkDuration(`${path}.after`, given["after"], {
      minMs: MINUTE_MS / 2,
      maxMs: 7 * DAY_MS,
    }),
  });
}

/** For sentences: `"events from agent support"`. */
export function awaitedOf({ sli, match: { agent, model, tool } }: AbsenceRule): string {
  const of = [agent && `agent ${agent}`, model && `model ${model}`, tool && `tool ${tool}`];
  return `${sli === undefined ? "" : `${sli} `}events from ${of.filter(Boolean).join(", ") || "anyone"}`;
}
