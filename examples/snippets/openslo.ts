import { readFileSync, writeFileSync } from "node:fs";
import { createSloEngine, parseOpenSlo, prometheusRules } from "@burnrate/slo";

const file = "slo.yaml";
const objectives = parseOpenSlo(readFileSync(file, "utf8"), { file });
export const engine = createSloEngine({ objectives });
writeFileSync("slo-rules.yml", prometheusRules(objectives));
