// @boundaries-ignore the simulation is that of a test, and private to slo
import {
  MINUTES_A_DAY,
  type SimulatedPages,
  simulatePages,
} from "../packages/slo/src/alerts/testing/simulate-pages.ts";
import { type Measured, median, quick, toMeasured } from "./measure.ts";
import { measureSloAnomalies } from "./slo-anomalies.ts";

const CALLS_A_DAY = [24, 240, 2_400, 24_000];
const TRIALS = 5;
const SIMULATIONS = quick ? 2 : 50;
const DAYS = 30;

type Pages = "guarded" | "plain";

/** One trial of an amount of traffic: the mean of its false pages, the median of its delays. */
interface Trial {
  readonly falsePages: Readonly<Record<Pages, number>>;
  readonly minutes: Readonly<Record<Pages, number>>;
}

/** Seeds of no two simulations are the same. */
function seedsOf(trial: number): number[] {
  return Array.from({ length: SIMULATIONS }, (_, index) => (trial * SIMULATIONS + index) * 31 + 7);
}

function tryOnce(perDay: number, trial: number): Trial {
  const seeds = seedsOf(trial);
  const well = seeds.map((seed) =>
    simulatePages({ perDay, days: DAYS, seed, breaksAt: Number.POSITIVE_INFINITY }),
  );
  const broken = seeds.map((seed) =>
    simulatePages({ perDay, days: 2, seed, breaksAt: MINUTES_A_DAY }),
  );
  const pages = (of: Pages): number => mean(well.map((one) => one[of]));
  const after = (of: keyof SimulatedPages): number =>
    median(broken.map((one) => one[of] ?? Number.POSITIVE_INFINITY));
  return {
    falsePages: { guarded: pages("guarded"), plain: pages("plain") },
    minutes: { guarded: after("guardedAfter"), plain: after("plainAfter") },
  };
}

/**
 * False pages of an objective that is well, and how soon a broken one pages; prints the table of
 * docs/slo.md. And how anomalies are told.
 */
export async function measureSloPages(): Promise<Measured[]> {
  const rows: Measured[] = [];
  const table = [
    "| calls a day | false pages, guarded | false pages, plain | minutes until found, guarded | minutes until found, plain |",
    "| ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const perDay of CALLS_A_DAY) {
    const trials = Array.from({ length: TRIALS }, (_, trial) => tryOnce(perDay, trial));
    const falsePages = (of: Pages): number[] => trials.map((trial) => trial.falsePages[of]);
    const minutes = (of: Pages): number[] => trials.map((trial) => trial.minutes[of]);
    const of = `${perDay.toLocaleString("en-US")} calls a day`;
    rows.push(
      toMeasured(`false pages in 30 days, ${of}`, "pages", falsePages("guarded"), "≤ 0.6"),
      toMeasured("  by plain rules", "pages", falsePages("plain")),
      toMeasured(`60 % errors found after, ${of}`, "min", minutes("guarded")),
      toMeasured("  by plain rules", "min", minutes("plain")),
    );
    const cells = [
      perDay.toLocaleString("en-US"),
      cell(falsePages("guarded"), 2),
      cell(falsePages("plain"), 2),
      cell(minutes("guarded"), 0),
      cell(minutes("plain"), 0),
    ];
    table.push(`| ${cells.join(" | ")} |`);
  }
  console.log(`\n${table.join("\n")}\n`);
  return [...rows, ...measureSloAnomalies()];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of the trials, and the least and most of them. */
function cell(trials: readonly number[], digits: number): string {
  const show = (value: number): string => value.toFixed(digits);
  return `${show(mean(trials))} (${show(Math.min(...trials))} – ${show(Math.max(...trials))})`;
}
