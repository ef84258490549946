import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { absenceRule } from "../objective/absence-rule.ts";
import { MINUTE_MS } from "../objective/duration.ts";
import { anEngine, START_MS, seeded } from "../test-fixture.ts";
import { prometheusRules } from "./prometheus-rules.ts";
import { canRunPromtool, promtool } from "./testing/promtool.ts";
import { seedsToTry } from "./testing/seeds.ts";

const { first, end } = seedsToTry();
const MINUTES = 240;
const A_RUN = 20;

interface Compared {
  readonly test: object;
  readonly states: number;
  readonly firing: number;
}

const SILENT = [
  absenceRule({ name: "support {{ .x }}", match: { agent: "support" }, after: "10m" }),
  absenceRule({
    name: "search",
    match: { tool: "search" },
    sli: "tool_call_success",
    after: "90s",
  }),
  absenceRule({ name: "anyone", after: "1h" }),
];

/** Tells who is silent at every minute: events come at any millisecond, at times not for hours. */
function compareSilence(seed: number): Compared {
  const { engine, clock } = anEngine([], { absences: SILENT });
  const random = seeded(seed);
  const heard = SILENT.map((): number[] => []);
  const expected: object[] = [];
  let states = 0;
  let firing = 0;
  let nextMs = 0;
  for (let minute = 0; minute <= MINUTES; minute++) {
    for (; nextMs <= minute * MINUTE_MS; nextMs += waitMs(random)) {
      clock.advance(START_MS + nextMs - clock.wallMs());
      const isTool = random() < 0.3;
      engine.record({
        sli: isTool ? "tool_call_success" : "call_success",
        good: random() < 0.5,
        ...(isTool && { tool: random() < 0.5 ? "search" : "fetch" }),
        agent: random() < 0.4 ? "support/refunds" : "research",
      });
    }
    clock.advance(START_MS + minute * MINUTE_MS - clock.wallMs());
    const silent = engine.absences();
    for (const [index, { lastEventAtMs }] of engine.lastHeard().entries()) {
      heard[index]?.push((lastEventAtMs - START_MS) / 1_000);
    }
    const exp_samples = silent.map(({ rule }) => ({
      labels: `ALERTS{alertname="AgentSloAbsence",alertstate="firing",severity="page",rule=${JSON.stringify(rule)}}`,
      value: 1,
    }));
    states += SILENT.length;
    firing += silent.length;
    expected.push({ expr: "ALERTS", eval_time: `${minute}m`, exp_samples });
  }
  const input_series = SILENT.map(({ name }, index) => ({
    series: `agent_absence_last_event_timestamp_seconds{rule=${JSON.stringify(name)},instance="a:1"}`,
    values: heard[index]?.join(" "),
  }));
  const test = { name: `${seed}`, interval: "1m", input_series, promql_expr_test: expected };
  return { test, states, firing };
}

/** Mostly minutes, at times hours; often so that silence ends at the very minute. */
function waitMs(random: () => number): number {
  const longest = random() < 0.1 ? 150 : 12;
  const ms = 1 + Math.floor(random() * longest * MINUTE_MS);
  return random() < 0.3 ? Math.ceil(ms / MINUTE_MS) * MINUTE_MS : ms;
}

describe.skipIf(!canRunPromtool())("promtool agrees", () => {
  it(
    `on who is silent at every minute of ${end - first} runs of random events`,
    async () => {
      const counts = { states: 0, firing: 0 };
      for (let from = first; from < end; from += A_RUN) {
        const tests: object[] = [];
        for (let seed = from; seed < Math.min(end, from + A_RUN); seed++) {
          const { test, states, firing } = compareSilence(seed);
          counts.states += states;
          counts.firing += firing;
          tests.push(test);
        }
        const test = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests };
        const files = { "rules.yml": prometheusRules(SILENT), "test.yml": stringify(test) };
        const { ok, output } = await promtool(["test", "rules", "test.yml"], files);
        expect(ok ? "" : output.slice(0, 3_000)).toBe("");
      }
      console.log(`promtool agrees on ${counts.states} silences, ${counts.firing} of them firing`);
      expect(counts.firing).toBeGreaterThan(counts.states / 20);
      expect(counts.firing).toBeLessThan(counts.states * 0.9);
    },
    300_000 + (end - first) * 2_000,
  );
});
