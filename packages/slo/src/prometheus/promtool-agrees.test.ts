import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { MINUTE_MS } from "../objective/duration.ts";
import type { AlertOption, Objective } from "../objective/objective.ts";
import { anEngine, anObjective } from "../test-fixture.ts";
import { prometheusRules } from "./prometheus-rules.ts";
import { canRunPromtool, promtool } from "./testing/promtool.ts";
import { seedsToTry } from "./testing/seeds.ts";
import { type Minute, traffic } from "./testing/traffic.ts";

const TARGETS = ["0.9", "0.95", "0.99", "0.995", "0.999", "0.9999"] as const;
const WINDOWS = ["30d", "28d", "7d"] as const;
const { first, end } = seedsToTry();
const SHORT = { minutes: 240, step: 1 };
/** 3.6 days, so that every window fills and empties; its rules are evaluated more rarely. */
const LONG = { minutes: 5_184, step: 6 };
/** One in so many seeds is a long one, the last of the 13 that are tried normally among them. */
const LONG_EVERY = 100;
const FIRST_LONG = 12;
const A_RUN = 20;

/** One in five seeds is an objective whose alerts also tell of silence. */
const WATCHED = 4;
const ALERTS: readonly AlertOption[] = [
  { severity: "page", long: "1h", factor: 5, whenNoData: true },
  { severity: "page", long: "10m", factor: 8, whenNoData: true },
  { severity: "ticket", long: "6h", factor: 0.9 },
];

interface Compared {
  readonly test: object;
  readonly states: number;
  readonly firing: number;
}

function objectiveOf(seed: number): Objective {
  const target = TARGETS[seed % TARGETS.length] as string;
  const window = WINDOWS[Math.floor(seed / TARGETS.length) % WINDOWS.length] as string;
  const isWatched = seed % 5 === WATCHED;
  return anObjective({
    name: `seed ${seed}`,
    target,
    window,
    ...(isWatched && { alerts: ALERTS }),
  });
}

/** Those that are watched for silence have an hour of traffic, and 80 minutes without. */
function trafficOf(
  seed: number,
  { target }: Objective,
): { readonly minutes: readonly Minute[]; readonly step: number } {
  const { minutes, step } = seed % LONG_EVERY === FIRST_LONG ? LONG : SHORT;
  const made = traffic(seed, minutes, target.budget);
  if (seed % 5 !== WATCHED) return { minutes: made, step };
  const paused = made.map((minute, at) => (at % 140 < 60 ? minute : { total: 0, bad: 0 }));
  return { minutes: paused, step };
}

/** Tells what the engine says at every step, as a test of promtool's. */
function compare(
  objective: Objective,
  minutes: readonly Minute[],
  step: number,
): Compared & { readonly silent: number } {
  const { engine, clock } = anEngine([objective]);
  const good = [0];
  const bad = [0];
  const expected: object[] = [];
  let states = 0;
  let firing = 0;
  let silent = 0;
  for (const [minute, events] of minutes.entries()) {
    for (let call = 0; call < events.total; call++) {
      engine.record({ sli: objective.sli, good: call >= events.bad });
    }
    clock.advance(MINUTE_MS);
    const counts = engine.counts(objective.name);
    good.push(counts.good);
    bad.push(counts.bad);
    if ((minute + 1) % step !== 0) continue;
    const { alerts, burn } = engine.status(objective.name);
    const exp_samples = alerts
      .filter((alert) => alert.firing)
      .map(({ severity, long, short }) => ({
        labels: `ALERTS{alertname="${burn[long] === undefined ? "AgentSloSilence" : "AgentSloBurn"}",alertstate="firing",slo="${objective.name}",severity="${severity}",long="${long}",short="${short}"}`,
        value: 1,
      }));
    states += alerts.length;
    firing += exp_samples.length;
    silent += alerts.filter((alert) => alert.firing && burn[alert.long] === undefined).length;
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
  return { test, states, firing, silent };
}

describe.skipIf(!canRunPromtool())("promtool agrees", () => {
  it(
    `on every alert's state at every step of ${end - first} runs of random traffic`,
    async () => {
      const counts = { states: 0, firing: 0, silent: 0 };
      for (let from = first; from < end; from += A_RUN) {
        const files: Record<string, string> = {};
        const tests: string[] = [];
        for (let seed = from; seed < Math.min(end, from + A_RUN); seed++) {
          const objective = objectiveOf(seed);
          const { minutes, step } = trafficOf(seed, objective);
          const { test, states, firing, silent } = compare(objective, minutes, step);
          counts.states += states;
          counts.firing += firing;
          counts.silent += silent;
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
      console.log(
        `promtool agrees on ${counts.states} states, ${counts.firing} of them firing, ${counts.silent} of silence`,
      );
      expect(counts.firing).toBeGreaterThan(counts.states / 50);
      expect(counts.silent).toBeGreaterThan(0);
    },
    300_000 + (end - first) * 15_000,
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
  });
});
