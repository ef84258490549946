import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, START_MS, seeded } from "../test-fixture.ts";
import { SeriesDetector } from "./series-detector.ts";
import { falseAlarmShare, findsStep, logNormal } from "./testing/simulate-anomalies.ts";

const OPTIONS = { bothWays: false, leastSigma: () => 0.05 };
const HOUR = 3_600_000;

describe("anomaly detection", () => {
  for (const sigma of [0.1, 0.3, 0.5]) {
    it(`raises at most 0.1 % false alarms on stationary log-normal data of σ ${sigma}`, () => {
      const shares = Array.from({ length: 20 }, (_, seed) =>
        falseAlarmShare(sigma, 3_000, seed + 1),
      );
      expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeLessThanOrEqual(0.001);
    });

    it(`finds a fivefold cost within five calls with a probability of at least 0.95 at σ ${sigma}`, () => {
      const runs = 1_000;
      let found = 0;
      for (let seed = 1; seed <= runs; seed++) if (findsStep(sigma, seed * 7_919)) found++;
      expect(found / runs).toBeGreaterThanOrEqual(0.95);
    });
  }

  it("takes answers that no cache has for usual: ten times as slow, one in five", () => {
    const random = seeded(9);
    const detector = new SeriesDetector(OPTIONS);
    let alarms = 0;
    for (let call = 0; call < 10_000; call++) {
      const value = logNormal(random, 0.2) * (random() < 0.2 ? 10 : 1);
      if (detector.observe(value, START_MS + call * 60_000)?.isAnomalous) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(10);
    expect(detector.observe(1_000_000, START_MS)?.isAnomalous).toBe(true);
  });

  it("takes what is usual at an hour of the day for usual", () => {
    const random = seeded(3);
    const detector = new SeriesDetector(OPTIONS);
    let alarms = 0;
    for (let hour = 0; hour < 24 * 60; hour++) {
      const isNight = hour % 24 < 8;
      for (let call = 0; call < 4; call++) {
        const value = logNormal(random, 0.2) * (isNight ? 6 : 1);
        const deviation = detector.observe(value, START_MS - 12 * HOUR + hour * HOUR);
        if (hour >= 24 * 30 && deviation?.isAnomalous) alarms++;
      }
    }
    expect(alarms / (30 * 24 * 4)).toBeLessThanOrEqual(0.001);
    expect(detector.observe(30_000, START_MS)?.isAnomalous).toBe(true);
  });

  it.each([3, 6, 12, 60])(
    "finds nothing unusual in a steady series of %i values an hour, whenever it began",
    (perHour) => {
      const scores: number[] = [];
      for (let seed = 1; seed <= 12; seed++) {
        const random = seeded(seed);
        const detector = new SeriesDetector({ ...OPTIONS, bothWays: true });
        const startMs = START_MS + random() * 24 * HOUR;
        for (let index = 0; index < 1_000; index++) {
          const atMs = startMs + (index * HOUR) / perHour;
          scores.push(Math.abs(detector.observe(logNormal(random, 0.05), atMs)?.score ?? 0));
        }
      }
      expect(Math.max(...scores)).toBeLessThan(10);
    },
  );

  it("tells of an agent whose tasks suddenly cost five times as much, and when that is over", () => {
    const { engine, clock } = anEngine([anObjective()], { anomalies: true });
    const told: string[] = [];
    engine.on("anomaly-detected", ({ metric, agent }) => told.push(`${metric} ${agent}`));
    engine.on("anomaly-ended", ({ text }) => told.push(text));
    const random = seeded(5);
    const task = (factor: number): void => {
      clock.advance(30_000);
      const value = Math.round(logNormal(random, 0.3) * 10_000 * factor);
      engine.record({ sli: "cost_per_task", value, agent: "support" });
    };
    for (let count = 0; count < 200; count++) task(1);
    expect(told).toEqual([]);
    for (let count = 0; count < 5; count++) task(5);
    expect(told).toEqual(["cost support"]);
    for (let count = 0; count < 20; count++) task(1);
    expect(told).toEqual([
      "cost support",
      expect.stringMatching(/^No longer unusual\. Cost of a task of support: .* is usual\.$/),
    ]);
  });

  it("tells of an agent that suddenly calls ten times as often, or hardly at all", () => {
    for (const factor of [10, 0]) {
      const { engine, clock } = anEngine([anObjective()], { anomalies: true });
      const told: string[] = [];
      engine.on("anomaly-detected", ({ text }) => told.push(text));
      const random = seeded(6);
      const minutes = (count: number, mean: number): void => {
        for (let minute = 0; minute < count; minute++) {
          clock.advance(60_000);
          const calls = Math.floor(random() * 2 * mean + 0.5);
          for (let call = 0; call < calls; call++) {
            engine.record({ sli: "call_success", good: true, agent: "support", model: "gpt-5" });
          }
        }
      };
      minutes(3 * 24 * 60, 6);
      expect(told).toEqual([]);
      minutes(30, 6 * factor);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(
        /^Calls in five minutes of support → gpt-5: \d+, where \d+ is usual\.$/,
      );
    }
  });

  it.each([
    ["the process starts within five minutes", 4 * 60_000, 0],
    ["the machine sleeps for eight hours", 0, 8 * 3_600_000],
    ["the clock is set three minutes ahead", 0, 3 * 60_000],
    ["the clock is set back by four minutes", 0, -4 * 60_000],
  ])("takes a part of five minutes for no measure of calls: %s", (_what, startMs, jumpMs) => {
    const clock = createFakeClock(START_MS + startMs);
    const { engine } = anEngine([], { clock, anomalies: true });
    const told: string[] = [];
    engine.on("anomaly-detected", ({ text }) => told.push(text));
    for (let minute = 0; minute < 50 * 60; minute++) {
      for (let call = 0; call < 60; call++) {
        engine.record({ sli: "call_success", good: true, agent: "support" });
      }
      clock.advance(60_000);
      if (minute === 1_001) clock.setWall(clock.wallMs() + jumpMs);
    }
    expect(told).toEqual([]);
  });

  it("learns an hour's level from more than its first five minutes", () => {
    const { engine, clock } = anEngine([], { anomalies: true });
    const days: number[] = [];
    engine.on("anomaly-detected", ({ atMs }) =>
      days.push(Math.floor((atMs - START_MS) / HOUR / 24)),
    );
    for (let minute = 0; minute < 4 * 24 * 60; minute++) {
      const calls = minute >= 360 && minute < 370 ? 6 : 60; // a deployment at six
      for (let call = 0; call < calls; call++) {
        engine.record({ sli: "call_success", good: true, agent: "support" });
      }
      clock.advance(60_000);
    }
    expect(new Set(days)).toEqual(new Set([0]));
  });

  it("watches no more than 1,000 series, and counts what it does not watch", () => {
    const { engine } = anEngine([anObjective()], { anomalies: true });
    for (let agent = 0; agent < 1_100; agent++) {
      engine.record({ sli: "cost_per_task", value: 1, agent: `agent-${agent}` });
    }
    expect(engine.metrics().unwatched).toBe(100);
  });
});
