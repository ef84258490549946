import { checkObject, checkString, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import type { Objective } from "../objective/objective.ts";
import { withPlace } from "./open-slo-object.ts";
import { readCondition, readPolicy } from "./read-alerts.ts";
import { readSli } from "./read-sli.ts";
import { readSlo } from "./read-slo.ts";
import { readYaml } from "./read-yaml.ts";
import { Registry } from "./registry.ts";

/** What `parseOpenSlo` takes beside the text. */
export interface OpenSloOptions {
  /** What errors call the text (default `openslo.yaml`). */
  readonly file?: string;
}

/**
 * Reads objectives from OpenSLO v1: SLO, SLI, AlertPolicy, AlertCondition and Service, in documents
 * or lists. Everything is checked before anything is returned, also what no SLO names.
 *
 * @example
 * createSloEngine({ objectives: parseOpenSlo(readFileSync(file, "utf8"), { file }) });
 * @throws {ConfigError} `BR9001` with file, line, reason and remedy (`details.file`, `details.line`).
 * @see https://github.com/OpenSLO/OpenSLO#specification
 */
export function parseOpenSlo(yaml: string, options: OpenSloOptions = {}): Objective[] {
  const given = checkObject("parseOpenSlo", options);
  refuseUnknownKeys("parseOpenSlo", given, ["file"]);
  const file = checkString("parseOpenSlo.file", given["file"] ?? "openslo.yaml", 1_000);
  const registry = new Registry(readYaml(yaml, file));
  for (const one of registry.all("SLI")) withPlace(one.place, () => readSli(one));
  for (const one of registry.all("AlertCondition")) withPlace(one.place, () => readCondition(one));
  for (const one of registry.all("AlertPolicy")) {
    withPlace(one.place, () => readPolicy(one, registry));
  }
  for (const { place, spec } of registry.all("Service")) {
    withPlace(place, () =>
      refuseUnknownKeys("spec", checkObject("spec", spec ?? {}), ["description"]),
    );
  }
  const names = new Set<string>();
  return registry.all("SLO").flatMap((slo) => {
    const objectives = readSlo(slo, registry);
    for (const { name } of objectives) {
      withPlace(slo.place, () => {
        if (names.has(name)) throw optionError("metadata.name", name, "unique in this file");
      });
      names.add(name);
    }
    return objectives;
  });
}
