import type { BreakerRules } from "./check-breaker-options.ts";

const UNITS = [
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** A time span in words, in its largest unit that leaves at least one and a half of them. */
export function durationText(ms: number): string {
  for (const [unit, unitMs] of UNITS) {
    if (ms < unitMs * 1.5 && ms !== unitMs) continue;
    const count = Math.round(ms / unitMs);
    return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
  }
  return `${Math.ceil(ms)} ms`;
}

/** `7 of 8 calls failed in the last 10 minutes; 25 % are tolerated`. */
export function failureText(bad: number, calls: number, rules: BreakerRules): string {
  return evidenceText(`${bad} of ${calls} calls failed`, rules.failureRate, rules.windowMs);
}

/** `6 of 9 calls took longer than 5 seconds in the last 10 minutes; 25 % are tolerated`. */
export function slowText(bad: number, calls: number, rules: BreakerRules): string {
  const what = `${bad} of ${calls} calls took longer than ${durationText(rules.slowCallMs)}`;
  return evidenceText(what, rules.slowRate, rules.windowMs);
}

function evidenceText(what: string, rate: number, windowMs: number): string {
  const percent = Math.round(rate * 1_000) / 10;
  return `${what} in the last ${durationText(windowMs)}; ${percent} % are tolerated`;
}
