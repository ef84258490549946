import { writeFileSync } from "node:fs";
import { buildDashboard } from "./dashboard.ts";

/** Writes what is imported into Grafana; the formatter gives it its last shape. */
const file = new URL("../dashboards/agents.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(buildDashboard(), null, 2)}\n`);
