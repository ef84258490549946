import { START_MS, seeded } from "../../test-fixture.ts";
import { SeriesDetector } from "../series-detector.ts";

const OPTIONS = { bothWays: false, leastSigma: () => 0.05 };
const MINUTE = 60_000;
/** Values before a step: the baseline is full, and nothing has happened. */
const BEFORE = 300;
const STEP = 5;
const WITHIN = 5;

/** Log-normal numbers around 1,000. */
export function logNormal(random: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return 1_000 * Math.exp(sigma * normal);
}

/** Share of so many values that are called anomalous though nothing changes. */
export function falseAlarmShare(sigma: number, values: number, seed: number): number {
  const random = seeded(seed);
  const detector = new SeriesDetector(OPTIONS);
  let alarms = 0;
  let judged = 0;
  for (let call = 0; call < values; call++) {
    const deviation = detector.observe(logNormal(random, sigma), START_MS + call * MINUTE);
    judged += deviation === undefined ? 0 : 1;
    alarms += deviation?.isAnomalous ? 1 : 0;
  }
  return alarms / judged;
}

/**
 * Whether values that are suddenly five times as large, after so many usual ones, are anomalous
 * within five of them.
 */
export function findsStep(sigma: number, seed: number, before: number = BEFORE): boolean {
  const random = seeded(seed);
  const detector = new SeriesDetector(OPTIONS);
  for (let call = 0; call < before; call++) {
    detector.observe(logNormal(random, sigma), START_MS + call * MINUTE);
  }
  const after = Array.from({ length: WITHIN }, (_, call) =>
    detector.observe(STEP * logNormal(random, sigma), START_MS + (before + call) * MINUTE),
  );
  return after.some((deviation) => deviation?.isAnomalous);
}
