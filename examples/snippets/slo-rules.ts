import { readFileSync } from "node:fs";
import { parseOpenSlo, prometheusRules } from "@burnrate/slo";

/** The alerts that the rules of `slo.yaml` have; docs/openslo.md shows what this prints. */
const file = "slo.yaml";
const text = readFileSync(new URL(file, import.meta.url), "utf8");
const rules = prometheusRules(parseOpenSlo(text, { file }));
for (const [rule, alert] of rules.matchAll(/- alert: (\w+)[\s\S]*?annotations/g)) {
  const labels = [...rule.matchAll(/(severity|long|short): "?(\w+)/g)];
  console.log([alert, ...labels.map(([, , value]) => value)].join(" "));
}
