import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildDashboard } from "../scripts/dashboard.ts";
import { METRIC } from "./semantic-conventions.ts";
import { canRunPrometheus, startPrometheus } from "./testing/prometheus-server.ts";

const file = new URL("../dashboards/agents.json", import.meta.url);

const queries = (buildDashboard().panels ?? []).flatMap((panel) =>
  ("targets" in panel ? (panel.targets ?? []) : []).map(
    (target) => (target as { expr?: string }).expr ?? "",
  ),
);

it("the dashboard in the package is the one that the script makes", () => {
  const made: unknown = JSON.parse(JSON.stringify(buildDashboard()));
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  expect(found, "run pnpm --filter @burnrate/otel generate-dashboard, and pnpm format").toEqual(
    made,
  );
});

it("every query reads a metric that we export", () => {
  const names = Object.values(METRIC).map(({ prometheus }) => prometheus);
  expect(queries.length).toBeGreaterThan(12);
  for (const query of queries) {
    const bare = query.replaceAll(/\{[^}]*\}|by \([^)]*\)/g, "");
    const used = bare.match(/\b(?:gen_ai|mcp|burnrate|agent)_\w+/g) ?? [];
    expect(used, query).not.toEqual([]);
    const unknown = used.filter(
      (name) => !(names.includes(name) || names.includes(name.replace(/_(bucket|sum|count)$/, ""))),
    );
    expect(unknown, query).toEqual([]);
  }
});

describe.skipIf(!canRunPrometheus())("in Prometheus", () => {
  it("every query is one that it understands", async () => {
    const prometheus = await startPrometheus(1);
    try {
      for (const query of queries) {
        const promql = query.replaceAll("$__rate_interval", "1m").replaceAll("$agent", ".*");
        expect(await prometheus.query(promql), query).toEqual([]);
      }
    } finally {
      await prometheus.stop();
    }
  });
});
