import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { MINUTE_MS } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { anEngine, anObjective } from "../test-fixture.ts";
import { prometheusRules } from "./prometheus-rules.ts";
import { canRunPromtool, promtool } from "./testing/promtool.ts";
import { type Minute, traffic } from "./testing/traffic.ts";

const TARGETS = ["0.9", "0.95", "0.99", "0.995", "0.999", "0.9999"] as const;
const WINDOWS = ["30d", "28d", "7d"] as const;
const MANY = process.env["BURNRATE_PROMTOOL_SEEDS"] === "1000";
/** Runs of some hours; one more goes on for 3.6 days, so that every window fills and empties. */
const SEEDS = MANY ? 999 : 12;
const SHORT = { minutes: MANY ? 600 : 240, step: 1 };
/** Its rules are evaluated more rarely: half of promtool's time is a guard of many steps. */
const LONG = { minutes: 5_184, step: MANY ? 1 : 6 };
const A_RUN = 20;

interface Compared {
  readonly test: object;
  readonly states: number;
  readonly firing: number;
}

function objectiveOf(seed: number): Objective {
  const target = TARGETS[seed % TARGETS.length] as string;
  const window = WINDOWS[Math.floor(seed / TARGETS.length) % WINDOWS.length] as string;
  return anObjective({ name: `seed ${seed}`, target, window });
}

/** Tells what the engine says at every step, as a test of promtool's. */
function compare(objective: Objective, minutes: readonly Minute[], step: number): Compared {
  const { engine, clock } = anEngine([objective]);
  const good = [0];
  const bad = [0];
  const expected: object[] = [];
  let states = 0;
  let firing = 0;
  for (const [minute, events] of minutes.entries()) {
    for (let call = 0; call < events.total; call++) {
      engine.record({ sli: objective.sli, good: call >= events.bad });
    }
    clock.advance(MINUTE_MS);
    const counts = engine.counts(objective.name);
    good.push(counts.good);
    bad.push(counts.bad);
    if ((minute + 1) % step !== 0) continue;
    const { alerts } = engine.status(objective.name);
    const exp_samples = alerts
      .filter((alert) => alert.firing)
      .map(({ severity, long, short }) => ({
        labels: `ALERTS{alertname="AgentSloBurn",alertstate="firing",slo="${objective.name}",severity="${severity}",long="${long}",short="${short}"}`,
        value: 1,
      }));
    states += alerts.length;
    firing += exp_samples.length;
    expected.push({ expr: "ALERTS", eval_time: `${minute + 1}m`, exp_samples });
  }
  const series = (outcome: string, values: readonly number[]): object => ({
    series: `agent_sli_events_total{slo="${objective.name}",outcome="${outcome}",instance="a:1"}`,
    values: values.join(" "),
  });
  const test = {
    name: objective.name,
    interval: "1m",
    input_series: [series("good", good), series("bad", bad)],
    promql_expr_test: expected,
  };
  return { test, states, firing };
}

describe.skipIf(!canRunPromtool())("promtool agrees", () => {
  it(
    `on every alert's state at every step of ${SEEDS + 1} runs of random traffic`,
    async () => {
      const counts = { states: 0, firing: 0 };
      for (let from = 0; from <= SEEDS; from += A_RUN) {
        const files: Record<string, string> = {};
        const tests: string[] = [];
        for (let seed = from; seed < from + A_RUN && seed <= SEEDS; seed++) {
          const objective = objectiveOf(seed);
          const { minutes, step } = seed === SEEDS ? LONG : SHORT;
          const made = traffic(seed, minutes, objective.target.budget);
          const { test, states, firing } = compare(objective, made, step);
          counts.states += states;
          counts.firing += firing;
          files[`rules-${seed}.yml`] = prometheusRules(objective);
          files[`test-${seed}.yml`] = stringify({
            rule_files: [`rules-${seed}.yml`],
            evaluation_interval: `${step}m`,
            tests: [test],
          });
          tests.push(`test-${seed}.yml`);
        }
        const { ok, output } = await promtool(["test", "rules", ...tests], files);
        expect(ok ? "" : output.slice(0, 3_000)).toBe("");
      }
      console.log(`promtool agrees on ${counts.states} states, ${counts.firing} of them firing`);
      expect(counts.firing).toBeGreaterThan(counts.states / 50);
    },
    MANY ? 4 * 3_600_000 : 300_000,
  );

  it("on exact ties, which 1 - 0.9 in binary would let fire", async () => {
    const objective = anObjective({ name: "ties", target: "0.9" });
    const minutes = Array.from({ length: 90 }, () => ({ total: 50, bad: 40 }));
    const { test, firing } = compare(objective, minutes, 1);
    expect(objective.rules.map(({ threshold }) => threshold)).toContain(40 / 50);
    expect(8 * (1 - 0.9)).toBeLessThan(40 / 50);
    const tests = stringify({
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [test],
    });
    const files = { "rules.yml": prometheusRules(objective), "test.yml": tests };
    const { ok, output } = await promtool(["test", "rules", "test.yml"], files);
    expect(ok ? "" : output.slice(0, 3_000)).toBe("");
    expect(firing).toBeGreaterThan(0);
  }, 60_000);
});
