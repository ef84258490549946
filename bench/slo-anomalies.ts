// @boundaries-ignore the simulation is that of a test, and private to slo
import {
  falseAlarmShare,
  findsStep,
} from "../packages/slo/src/anomaly/testing/simulate-anomalies.ts";
import { type Measured, quick, toMeasured } from "./measure.ts";

const SIGMAS = [0.1, 0.3, 0.5];
const TRIALS = 5;
const SERIES = quick ? 1 : 8;
const VALUES = 3_000;
const STEPS = quick ? 40 : 400;
/** Right after the first judgement, and a little later: what is usual is hardly known. */
const FEW_VALUES = [31, 100];

/**
 * False alarms on data that do not change, and fivefold steps that are found: figures of
 * docs/slo.md.
 */
export function measureSloAnomalies(): Measured[] {
  return SIGMAS.flatMap((sigma) => {
    const alarms = trials(SERIES, (seed) => falseAlarmShare(sigma, VALUES, seed));
    const found = trials(STEPS, (seed) => (findsStep(sigma, seed * 7_919) ? 1 : 0));
    const early = FEW_VALUES.map((before) => {
      const shares = trials(STEPS, (seed) => (findsStep(sigma, seed * 7_919, before) ? 1 : 0));
      return toMeasured(`  the same after ${before} values`, "%", shares);
    });
    return [
      toMeasured(`false alarms of anomalies, σ ${sigma}`, "%", alarms, "≤ 0.1"),
      toMeasured("  fivefold steps found within five calls, after 300 values", "%", found, "≥ 95"),
      ...early,
    ];
  });
}

/** The mean of each trial, in percent; seeds of no two are the same. */
function trials(count: number, once: (seed: number) => number): number[] {
  return Array.from({ length: TRIALS }, (_, trial) => {
    let sum = 0;
    for (let index = 1; index <= count; index++) sum += once(trial * count + index);
    return (100 * sum) / count;
  });
}
