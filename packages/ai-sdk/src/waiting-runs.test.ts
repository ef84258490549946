import { expect, test } from "vitest";
import { Run } from "./run.ts";
import { watchedGuard } from "./test-fixture.ts";
import { WaitingRuns } from "./waiting-runs.ts";

function setUp() {
  const { guard } = watchedGuard();
  const waiting = new WaitingRuns();
  const waitFor = (...ids: readonly string[]): Run => {
    const run = new Run(guard.openTask({}), (ended) => waiting.delete(ended));
    run.stepped(ids);
    waiting.add(run, ids);
    return run;
  };
  return { waiting, waitFor };
}

test("a tool call is its run's, and nobody's while another run waits for one of the same id", () => {
  const { waiting, waitFor } = setUp();
  const first = waitFor("call_0", "call_1", "call_1");
  expect(waiting.onlyOneFor("call_0")).toBe(first);
  const second = waitFor("call_0");
  expect(waiting.onlyOneFor("call_0")).toBeUndefined();
  expect(waiting.onlyOneFor("call_1")).toBe(first);
  first.end();
  expect(waiting.onlyOneFor("call_0")).toBe(second);
  expect(waiting.onlyOneFor("call_1")).toBeUndefined();
  second.end();
  expect(waiting.isEmpty).toBe(true);
});

test("a run that learns of its tool calls one by one, and twice, waits for each of them", () => {
  const { waiting, waitFor } = setUp();
  const run = waitFor("call_0");
  for (const id of ["call_1", "call_1", "call_2"]) waiting.add(run, [id]);
  const found = ["call_0", "call_1", "call_2"].map((id) => waiting.onlyOneFor(id));
  expect(found).toEqual([run, run, run]);
  run.end();
  expect(waiting.isEmpty).toBe(true);
});

test("of too many that wait the oldest ends", () => {
  const { waiting, waitFor } = setUp();
  const runs = Array.from({ length: 10_001 }, () => waitFor("call_0"));
  expect(runs.map(({ ended }) => ended).indexOf(false)).toBe(1);
  expect(waiting.isEmpty).toBe(false);
});
