import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { absenceRule } from "../objective/absence-rule.ts";
import { compositeObjective } from "../objective/composite.ts";
import type { Objective } from "../objective/objective.ts";
import { anObjective } from "../test-fixture.ts";
import { prometheusRules } from "./prometheus-rules.ts";
import { canRunPromtool, promtool } from "./testing/promtool.ts";
import { writeYaml } from "./write-yaml.ts";

interface RulesFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert?: string;
      readonly record?: string;
      readonly expr: string;
    }[];
  }[];
}

const HOSTILE = 'evil"} or vector(1) # {{ .Value }}\\ é \u2028\u200b\u{10fffe}\u{1f600}';

describe("prometheusRules", () => {
  it("keeps recordings and alerts of an objective in one group, and many objectives in one file", () => {
    const text = prometheusRules([
      anObjective(),
      anObjective({ name: "calls", sli: "call_success" }),
    ]);
    const { groups } = parse(text) as RulesFile;
    expect(groups.map(({ name }) => name)).toEqual(["agent-slo tasks", "agent-slo calls"]);
    for (const { rules } of groups) {
      const firstAlert = rules.findIndex(({ alert }) => alert !== undefined);
      expect(firstAlert).toBeGreaterThan(0);
      expect(rules.slice(firstAlert).every(({ alert }) => alert !== undefined)).toBe(true);
    }
  });

  it("compares with the digits that the engine compares with, not with those of 1 - 0.99", () => {
    const text = prometheusRules(anObjective({ target: 0.99 }));
    expect(text).toContain("> 0.144");
    expect(text).not.toContain("0.010000000000000009");
    expect(text).not.toContain("0.14400000000000002");
  });

  it.each([
    ["1h", "no events from agent support in the last hour."],
    ["10m", "no events from agent support in the last 10 minutes."],
  ])("tells in words that nothing was heard for %s", (after, summary) => {
    const rule = absenceRule({ name: "heard", match: { agent: "support" }, after });
    expect(prometheusRules([rule])).toContain(summary);
  });

  it("refuses a composite, nothing, and a name that is used twice", () => {
    const composite = compositeObjective({ name: "all", of: ["a", "b"] });
    expect(() => prometheusRules(composite as unknown as Objective)).toThrow(/made by objective/);
    expect(() => prometheusRules([])).toThrow(/BR9001/);
    expect(() => prometheusRules([anObjective(), anObjective()])).toThrow(/unique/);
    expect(() => prometheusRules([ABSENCE, ABSENCE])).toThrow(/unique/);
    expect(() => prometheusRules([ABSENCE, anObjective({ name: HOSTILE })])).not.toThrow();
  });
});

const ABSENCE = absenceRule({ name: HOSTILE, match: { agent: "{{ .Nope }}" }, after: "10m" });
const OBJECTIVES = [
  anObjective({ name: HOSTILE, target: 0.99, service: "{{ .Nope }}" }),
  anObjective({ name: "never", sli: "policy_compliance", target: 1 }),
  anObjective({ name: "sliced", method: { timeSlices: { every: "5m", target: 0.95 } } }),
  anObjective({ name: "silent" }),
];

function series(name: string, outcome: "good" | "bad", values: string): object {
  return {
    series: `agent_sli_events_total{slo=${JSON.stringify(name)},outcome="${outcome}"}`,
    values,
  };
}

function firing(name: string, labels: Readonly<Record<string, string>>): object {
  const all = { alertname: "AgentSloBurn", alertstate: "firing", slo: name, ...labels };
  const text = Object.entries(all).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return { labels: `ALERTS{${text.join(",")}}`, value: 1 };
}

describe.skipIf(!canRunPromtool())("rules that promtool runs", () => {
  const rules = prometheusRules([...OBJECTIVES, ABSENCE]);

  it("are valid, whatever objectives are called", async () => {
    const half = prometheusRules(anObjective({ name: "half a pair \ud83d" }));
    const files = { "rules.yml": rules, "half.yml": half };
    const { ok, output } = await promtool(["check", "rules", ...Object.keys(files)], files);
    expect({ ok, output }).toMatchObject({ ok: true, output: expect.stringContaining("SUCCESS") });
  });

  it("page for a broken agent, for the one bad event of a target of 100 %, and tell when nothing is exported", async () => {
    const page = { severity: "page", long: "1h", short: "5m" };
    const at = (eval_time: string, expr: string, exp_samples: object[]): object => ({
      expr,
      eval_time,
      exp_samples,
    });
    const one = `ALERTS{slo=${JSON.stringify(HOSTILE)},severity="page",long="1h"}`;
    const tests = writeYaml({
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: [
            series(HOSTILE, "good", "0x120"),
            series(HOSTILE, "bad", "0 0 1+1x120"),
            series("never", "good", "0+100x120"),
            series("never", "bad", "0x30 1x90"),
            series("sliced", "good", "0+1x120"),
            series("sliced", "bad", "0x120"),
            {
              series: 'agent_slo_alert_firing{slo="sliced",severity="page",long="6h",short="30m"}',
              values: "0x50 1x50",
            },
            {
              series: `agent_absence_last_event_timestamp_seconds{rule=${JSON.stringify(HOSTILE)}}`,
              values: "0+60x50 3000x50",
            },
          ],
          promql_expr_test: [
            at("2m", one, []), // one of one
            at("3m", one, [firing(HOSTILE, { ...page, service: "{{ .Nope }}" })]),
            at("30m", 'ALERTS{slo="never",alertname="AgentSloBurn"}', []),
            at("31m", 'ALERTS{slo="never",alertname="AgentSloBurn"}', [firing("never", page)]),
            at("92m", 'ALERTS{slo="never",alertname="AgentSloBurn"}', []),
            at("50m", 'ALERTS{slo="sliced"}', []),
            at("60m", 'ALERTS{slo="sliced"}', [
              firing("sliced", { severity: "page", long: "6h", short: "30m" }),
            ]),
            at("59m", "ALERTS{rule!=''}", []),
            at("60m", "ALERTS{rule!=''}", [
              {
                labels: `ALERTS{alertname="AgentSloAbsence",alertstate="firing",severity="page",rule=${JSON.stringify(HOSTILE)}}`,
                value: 1,
              },
            ]),
            at("9m", 'ALERTS{alertname="AgentSloNoData",alertstate="firing"}', []),
            at("10m", 'ALERTS{alertname="AgentSloNoData",alertstate="firing"}', [
              {
                labels:
                  'ALERTS{alertname="AgentSloNoData",alertstate="firing",severity="ticket",slo="silent"}',
                value: 1,
              },
            ]),
          ],
          alert_rule_test: [
            {
              eval_time: "60m",
              alertname: "AgentSloAbsence",
              exp_alerts: [
                {
                  exp_labels: { rule: HOSTILE, severity: "page" },
                  exp_annotations: {
                    summary: `${HOSTILE}: no events from agent {{ .Nope }} in the last 10 minutes.`,
                  },
                },
              ],
            },
            {
              eval_time: "31m",
              alertname: "AgentSloNoData",
              exp_alerts: [
                {
                  exp_labels: { slo: "silent", severity: "ticket" },
                  exp_annotations: {
                    summary: "silent: nothing is exported, so that nobody knows how it stands.",
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    const files = { "rules.yml": rules, "test.yml": tests };
    const { ok, output } = await promtool(["test", "rules", "test.yml"], files);
    expect(ok ? "" : output).toBe("");
  });
});
