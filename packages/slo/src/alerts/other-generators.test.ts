import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../objective/duration.ts";
import type { AlertOption } from "../objective/objective.ts";
import { anEngine, anObjective, record } from "../test-fixture.ts";

/**
 * What two generators of Prometheus rules make of 99.9 % over 30 days, as facts to hold ours
 * against. Sloth: a share of the budget × period ÷ long window. Pyrra: fixed factors, over windows
 * that are those of 28 days times 30/28, in whole minutes.
 * @see https://github.com/slok/sloth/tree/main/internal/alert
 * @see https://github.com/pyrra-dev/pyrra/blob/main/slo/rules.go
 */
const SLOTH_30_DAYS = [
  { severity: "page", share: 0.02, long: "1h", short: "5m", factor: 14.4, threshold: "0.0144" },
  { severity: "page", share: 0.05, long: "6h", short: "30m", factor: 6, threshold: "0.006" },
  { severity: "ticket", share: 0.1, long: "1d", short: "2h", factor: 3, threshold: "0.003" },
  { severity: "ticket", share: 0.1, long: "3d", short: "6h", factor: 1, threshold: "0.001" },
] as const;
const SLOTH_28_DAYS = [13.44, 5.6, 2.8, 0.9333];
/** Of its example for 7 days, whose windows are those of 30. */
const SLOTH_7_DAYS = [13.44, 3.5, 1.4, 0.98];
const PYRRA_30_DAYS = [
  { severity: "page", long: "64m", short: "5m", factor: 14, threshold: "0.014" },
  { severity: "page", long: "386m", short: "32m", factor: 7, threshold: "0.007" },
  { severity: "ticket", long: "1543m", short: "129m", factor: 2, threshold: "0.002" },
  { severity: "ticket", long: "6171m", short: "386m", factor: 1, threshold: "0.001" },
] as const;
const OF_28_DAYS = [
  { longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
  { longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
  { longMs: 24 * HOUR_MS, shortMs: 2 * HOUR_MS },
  { longMs: 96 * HOUR_MS, shortMs: 6 * HOUR_MS },
];

function rulesOf(window: string, alerts?: readonly AlertOption[]) {
  return anObjective({ target: 0.999, window, ...(alerts && { alerts }) }).rules;
}

describe("at 99.9 % over 30 days", () => {
  it("our rules are Sloth's: windows, factors, and what the share of bad events is held against", () => {
    const ours = rulesOf("30d").map(({ severity, long, short, factor, thresholdText }) => {
      return { severity, long, short, factor, threshold: thresholdText };
    });
    expect(ours).toEqual(SLOTH_30_DAYS.map(({ share: _, ...rule }) => rule));
    expect(rulesOf("28d").map(({ factor }) => factor)).toEqual(SLOTH_28_DAYS);
  });

  it("a factor is a share of the budget by the time of its long window, for other windows too", () => {
    for (const [index, { share }] of SLOTH_30_DAYS.entries()) {
      const { longMs, factor } = rulesOf("30d")[index] ?? { longMs: 0, factor: 0 };
      expect(factor * (longMs / (720 * HOUR_MS))).toBeCloseTo(share, 12);
    }
    const alerts = SLOTH_30_DAYS.map(({ severity, long, short }, index) => {
      return { severity, long, short, factor: SLOTH_7_DAYS[index] ?? 0 };
    });
    const shares = rulesOf("7d", alerts).map(
      ({ longMs, factor }) => (factor * longMs) / (168 * HOUR_MS),
    );
    expect(shares.map((share) => Number(share.toFixed(4)))).toEqual([0.08, 0.125, 0.2, 0.42]);
  });

  it("an hour at 14.4 times the budget uses 2 % of it; one bad event more pages", () => {
    const { engine, clock } = anEngine([anObjective({ target: 0.999 })]);
    const [perHour, tie] = [5_000, 72];
    for (let hour = 0; hour < 719; hour++) {
      record(engine, perHour, 0);
      clock.advance(HOUR_MS);
    }
    for (let part = 0; part < 12; part++) {
      clock.advance(5 * MINUTE_MS);
      record(engine, part < 4 ? 416 : 417, tie / 12); // 5,000 in all
    }
    const { consumed, burn, alerts } = engine.status("tasks");
    expect([consumed, burn["1h"]]).toEqual([expect.closeTo(0.02, 12), expect.closeTo(14.4, 12)]);
    expect(alerts[0]?.firing).toBe(false);
    record(engine, 1, 1);
    expect(engine.status("tasks").alerts[0]).toMatchObject({ long: "1h", firing: true });
  });

  it("Pyrra's rules can be said in ours, with the same thresholds", () => {
    const ours = rulesOf(
      "30d",
      PYRRA_30_DAYS.map(({ threshold: _, ...alert }) => alert),
    );
    expect(ours.map(({ thresholdText }) => thresholdText)).toEqual(
      PYRRA_30_DAYS.map(({ threshold }) => threshold),
    );
    const scaled = (ms: number): number => Math.round((ms * 30) / 28 / MINUTE_MS) * MINUTE_MS;
    expect(ours.map(({ longMs, shortMs }) => ({ longMs, shortMs }))).toEqual(
      OF_28_DAYS.map(({ longMs, shortMs }) => ({
        longMs: scaled(longMs),
        shortMs: scaled(shortMs),
      })),
    );
  });
});
