import { expect, test } from "vitest";
import { lockPauses } from "./lock-pauses.ts";

/** The first pauses of a thread of a process. */
function firstOf(processId: number, threadId = 0): number[] {
  const next = lockPauses(processId + threadId / 1_000);
  return Array.from({ length: 200 }, next);
}

test("pauses are the same in every run, and as often short as long", () => {
  const pauses = firstOf(4_711);
  expect(firstOf(4_711)).toEqual(pauses);
  for (const part of [0, 0.25, 0.5, 0.75]) {
    const count = pauses.filter((pause) => pause >= part && pause < part + 0.25).length;
    expect(count).toBeGreaterThan(45);
    expect(count).toBeLessThan(55);
  }
});

test("processes and threads that start together ask at other times", () => {
  const one = firstOf(4_711);
  for (const other of [firstOf(4_712), firstOf(4_713), firstOf(4_711, 1), firstOf(8_000_000)]) {
    const inStep = other.filter((pause, at) => Math.abs(pause - (one[at] ?? 0)) < 1e-4);
    expect(inStep).toEqual([]);
  }
});
