import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import type { SliSample } from "./sample.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("the budget of an objective", () => {
  it("one bad call in 1,000 at 99.5 % uses 20 % of it and burns at 0.2", () => {
    const { engine } = anEngine([anObjective({ target: 0.995 })]);
    record(engine, 1_000, 1);
    const status = engine.status("tasks");
    expect(status).toMatchObject({ state: "healthy", total: 1_000, bad: 1 });
    expect(status.consumed).toBeCloseTo(0.2, 12);
    expect(status.remaining).toBeCloseTo(0.8, 12);
    expect(Object.keys(status.burn)).toEqual(["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"]);
    for (const rate of Object.values(status.burn)) expect(rate).toBeCloseTo(0.2, 12);
  });

  it("recovers as the window rolls over what was bad", () => {
    const { engine, clock } = anEngine([anObjective()]);
    record(engine, 100, 50);
    expect(engine.status("tasks")).toMatchObject({
      state: "exhausted",
      remaining: expect.closeTo(-49),
    });
    clock.advance(29 * DAY);
    record(engine, 100, 0);
    expect(engine.status("tasks").bad).toBe(50);
    clock.advance(DAY + HOUR);
    expect(engine.status("tasks")).toMatchObject({
      state: "healthy",
      total: 100,
      bad: 0,
      remaining: 1,
    });
  });

  it("says in plain words what happened and when the budget is gone at this pace", () => {
    const { engine } = anEngine([anObjective({ target: 0.9787 })]);
    record(engine, 120, 37);
    const [page] = engine.status("tasks").alerts;
    expect(page).toMatchObject({
      severity: "page",
      long: "1h",
      short: "5m",
      firing: true,
      since: START_MS,
    });
    expect(page?.text).toBe(
      "At this pace the 30-day budget is gone in 2.1 days: 37 of 120 tasks failed in the last hour.",
    );
  });

  it("has words for a budget that is gone in seconds, or at once", () => {
    const textOf = (target: string, window: string): string | undefined => {
      const { engine } = anEngine([anObjective({ target, window })]);
      record(engine, 100, 100);
      return engine.status("tasks").alerts[0]?.text;
    };
    expect(textOf("0.99", "1h")).toContain("budget is gone in 36 seconds: 100 of 100 tasks failed");
    expect(textOf("0.999999999999", "30d")).toContain("is gone in less than a second:");
  });

  it("is no longer burning once the short window is clean", () => {
    const { engine, clock } = anEngine([anObjective()]);
    record(engine, 100, 100);
    expect(engine.status("tasks").alerts[0]?.firing).toBe(true);
    clock.advance(6 * 60_000);
    record(engine, 100, 0);
    expect(engine.status("tasks").alerts[0]?.firing).toBe(false);
  });

  it("pages nobody for one bad call of one, whatever the target", () => {
    for (const target of [0.5, 0.9, 0.99, 0.999, 0.9999]) {
      const { engine } = anEngine([anObjective({ target })]);
      record(engine, 1, 1);
      expect(engine.status("tasks").alerts.filter(({ firing }) => firing)).toEqual([]);
    }
  });

  it("begins anew with a calendar month, in the zone of the objective", () => {
    const window = { calendar: "month", timeZone: "Europe/Berlin" } as const;
    const { engine, clock } = anEngine([anObjective({ window })]);
    record(engine, 100, 2);
    clock.setWall(Date.UTC(2026, 0, 31, 22, 59));
    expect(engine.status("tasks")).toMatchObject({ total: 100, bad: 2 });
    expect(engine.status("tasks").burn["month"]).toBeCloseTo(2);
    clock.setWall(Date.UTC(2026, 0, 31, 23, 0));
    expect(engine.status("tasks")).toMatchObject({ total: 0, bad: 0, state: "no_data" });
  });

  it("stays in its place when the clock goes back", () => {
    const { engine, clock } = anEngine([anObjective()]);
    record(engine, 10, 1);
    clock.setWall(START_MS - 5 * DAY);
    record(engine, 10, 1);
    expect(engine.status("tasks")).toMatchObject({ total: 20, bad: 2 });
  });

  it("stands still while the clock is broken", () => {
    const { engine, clock } = anEngine([anObjective()]);
    record(engine, 10, 1);
    clock.setWall(Number.NaN);
    record(engine, 10, 1);
    clock.setWall(Number.POSITIVE_INFINITY);
    expect(engine.status("tasks")).toMatchObject({ total: 20, bad: 2 });
    clock.setWall(START_MS + 1_000);
    expect(engine.status("tasks")).toMatchObject({ total: 20, bad: 2, coverage: 1 });
  });

  it("counts slices of time: a bad minute weighs the same however many calls were in it", () => {
    const method = { timeSlices: { every: "1m", target: 0.9 } } as const;
    const { engine, clock } = anEngine([anObjective({ method })]);
    record(engine, 1_000, 200);
    clock.advance(60_000);
    record(engine, 2, 0);
    clock.advance(120_000);
    expect(engine.status("tasks")).toMatchObject({ total: 2, bad: 1 });
  });

  it("takes the mean of the slices' ratios where it is told to", () => {
    const method = { ratioTimeSlices: { every: "1m" } } as const;
    const { engine, clock } = anEngine([anObjective({ method, target: 0.5 })]);
    record(engine, 1_000, 200);
    clock.advance(60_000);
    record(engine, 2, 0);
    clock.advance(60_000);
    const status = engine.status("tasks");
    expect(status.total).toBe(2);
    expect(status.bad).toBeCloseTo(0.2);
  });

  it.each(["5m", "15m", "1h"])("pages without a break while every slice of %s is bad", (every) => {
    const method = { timeSlices: { every, target: 0.9 } };
    const { engine, clock } = anEngine([anObjective({ method })]);
    const pages: boolean[][] = [];
    for (let minute = 0; minute < 720; minute++) {
      record(engine, 5, 5);
      clock.advance(60_000);
      const { alerts } = engine.status("tasks");
      pages.push(alerts.filter(({ severity }) => severity === "page").map(({ firing }) => firing));
    }
    expect(new Set(pages.slice(120).flat())).toEqual(new Set([true]));
  });

  it("counts a silent slice as the objective says", () => {
    for (const [noData, total, bad] of [
      ["ignore", 1, 0],
      ["good", 5, 0],
      ["bad", 5, 4],
    ] as const) {
      const method = { timeSlices: { every: "1m", target: 0.9, noData } } as const;
      const { engine, clock } = anEngine([anObjective({ method })]);
      record(engine, 1, 0);
      clock.advance(5 * 60_000);
      expect(engine.status("tasks")).toMatchObject({ total, bad });
    }
  });
});

describe("no data", () => {
  it("is a state of its own, not health", () => {
    const { engine } = anEngine([anObjective()]);
    const status = engine.status("tasks");
    expect(status).toMatchObject({ state: "no_data", total: 0, coverage: 0 });
    expect(status.consumed).toBeUndefined();
    expect(Object.values(status.burn)).toEqual(Array.from({ length: 8 }, () => undefined));
  });

  it("comes back when everything has left the window", () => {
    const { engine, clock } = anEngine([anObjective()]);
    record(engine, 10, 0);
    clock.advance(32 * DAY);
    expect(engine.status("tasks").state).toBe("no_data");
  });

  it("is told apart from little data by coverage", () => {
    const { engine, clock } = anEngine([anObjective({ minCoverage: 0.5 })]);
    record(engine, 10, 0);
    expect(engine.status("tasks")).toMatchObject({ state: "healthy", coverage: 1 });
    clock.advance(9 * HOUR);
    expect(engine.status("tasks")).toMatchObject({ state: "low_coverage", coverage: 0.1 });
  });

  it.each([
    ["1d", "5m"],
    ["7d", "1h"],
  ])(
    "is none where every slice was measured, also of a window of %s in slices of %s",
    (window, every) => {
      const objective = anObjective({
        window,
        minCoverage: 0.8,
        method: { timeSlices: { every, target: 0.9 } },
      });
      const { engine, clock } = anEngine([objective]);
      for (let minute = 0; minute < 600; minute++) {
        record(engine, 1, 0);
        clock.advance(60_000);
      }
      expect(engine.status("tasks")).toMatchObject({ state: "healthy", coverage: 1 });
      clock.advance(600 * 60_000);
      const { state, coverage } = engine.status("tasks");
      expect(state).toBe("low_coverage");
      expect(coverage).toBeCloseTo(0.5, 1);
    },
  );

  it("is what excluded events leave behind", () => {
    const { engine } = anEngine([anObjective()]);
    engine.record({ sli: "task_success", good: "excluded" });
    expect(engine.status("tasks")).toMatchObject({ state: "no_data", total: 0, excluded: 1 });
  });
});

describe("a target of 100 %", () => {
  it("is an alert on the first bad event, not a budget", () => {
    const { engine, clock } = anEngine([anObjective({ sli: "policy_compliance", target: 1 })]);
    record(engine, 1_000, 0, "policy_compliance");
    expect(engine.status("tasks")).toMatchObject({ state: "healthy", consumed: undefined });
    record(engine, 1, 1, "policy_compliance");
    const status = engine.status("tasks");
    expect(status).toMatchObject({ state: "violated", remaining: undefined });
    expect(status.alerts).toEqual([
      {
        severity: "page",
        long: "1h",
        short: "5m",
        factor: 0,
        firing: true,
        since: START_MS,
        text: "None may be bad: 1 of 1001 calls broke policy in the last hour.",
      },
    ]);
    clock.advance(HOUR + 10_000);
    expect(engine.status("tasks").alerts[0]?.firing).toBe(false);
  });
});

describe("values", () => {
  it("a p99 of 100 ms against 5 s is compliant, and 6 s is not", () => {
    const options = { sli: "latency", threshold: { maxMs: 5_000 } } as const;
    const { engine } = anEngine([anObjective(options)]);
    for (let call = 0; call < 100; call++) engine.record({ sli: "latency", value: 100 });
    expect(engine.status("tasks")).toMatchObject({ state: "healthy", bad: 0 });
    for (let call = 0; call < 50; call++) engine.record({ sli: "latency", value: 6_000 });
    expect(engine.status("tasks")).toMatchObject({ state: "exhausted", bad: 50 });
  });

  it("a cheap task is good, a dear one bad, and one at the threshold good", () => {
    const options = { sli: "cost_per_task", threshold: { maxUsd: 0.5 } } as const;
    const { engine } = anEngine([anObjective(options)]);
    for (const value of [1_000, 500_000_000, 500_000_001]) {
      engine.record({ sli: "cost_per_task", value });
    }
    expect(engine.status("tasks")).toMatchObject({ total: 3, bad: 1 });
  });

  it("more is better where a threshold says min", () => {
    const { engine } = anEngine([anObjective({ sli: "answer_score", threshold: { min: 0.7 } })]);
    for (const value of [0.9, 0.7, 0.2]) engine.record({ sli: "answer_score", value });
    expect(engine.status("tasks")).toMatchObject({ total: 3, bad: 1 });
  });
});

describe("whose events count", () => {
  it("a value alone tells nothing to an objective without a threshold", () => {
    const { engine } = anEngine([anObjective({ sli: "satisfaction" })]);
    for (let index = 0; index < 10; index++) engine.record({ sli: "satisfaction", value: 1 });
    expect(engine.status("tasks")).toMatchObject({ state: "no_data", total: 0, excluded: 10 });
    engine.record({ sli: "satisfaction", good: true, value: 1 });
    expect(engine.status("tasks")).toMatchObject({ state: "healthy", total: 1 });
  });

  it("an agent's path covers its sub-agents, and globs cover models and tools", () => {
    const { engine } = anEngine([
      anObjective({ name: "planner", match: { agent: "planner" } }),
      anObjective({ name: "opus", match: { model: "claude-opus-*" } }),
      anObjective({ name: "search", match: { tool: "search" } }),
      anObjective({ name: "all" }),
    ]);
    const sli = "task_success";
    engine.record({ sli, good: true, agent: "planner" });
    engine.record({ sli, good: true, agent: "planner/researcher" });
    engine.record({ sli, good: true, agent: "planner2", model: "claude-opus-4-5" });
    engine.record({ sli, good: true, tool: "search" });
    const totals = engine.statuses().map(({ name, total }) => [name, total]);
    expect(totals).toEqual([
      ["planner", 2],
      ["opus", 1],
      ["search", 1],
      ["all", 4],
    ]);
  });

  it("what the application says by hand can be left out", () => {
    const { engine } = anEngine([
      anObjective({ sources: ["guard"] }),
      anObjective({ name: "both" }),
    ]);
    engine.record({ sli: "task_success", good: true });
    engine.record({ sli: "task_success", good: true, source: "guard" });
    expect(engine.statuses().map(({ total }) => total)).toEqual([1, 2]);
  });

  it("counts that somebody else has are held against ours", () => {
    const { engine } = anEngine([anObjective()]);
    record(engine, 10, 3);
    engine.record({ sli: "task_success", good: "excluded" });
    expect(engine.counts("tasks")).toEqual({ good: 7, bad: 3, excluded: 1 });
    expect(engine.crossCheck({ tasks: { good: 7, bad: 2 } })).toEqual([
      { objective: "tasks", outcome: "bad", ours: 3, theirs: 2 },
    ]);
    expect(() => engine.crossCheck({ task: { good: 1 } })).toThrow(
      'crossCheck.name must be the name of an objective; got "task". Did you mean "tasks"?',
    );
    expect(() => engine.isFrozen("task")).toThrow("isFrozen.name must be the name of an objective");
  });

  it.each([
    [undefined, "crossCheck must be an object"],
    [{ tasks: 7 }, 'crossCheck "tasks" must be an object'],
    [{ tasks: { god: 7 } }, 'Did you mean "good"?'],
    [{ tasks: { good: "7" } }, 'crossCheck "tasks".good must be a finite number'],
    [{ tasks: { bad: Number.NaN } }, 'crossCheck "tasks".bad must be a finite number'],
    [
      { tasks: { bad: -1 } },
      'crossCheck "tasks".bad must be a finite number of at least 0; got -1',
    ],
  ])("what is no counts is held against nothing: %j", (exported, message) => {
    const { engine } = anEngine([anObjective()]);
    expect(() => engine.crossCheck(exported as never)).toThrow(message);
  });

  it("an event that no objective is about is counted as such", () => {
    const { engine } = anEngine([anObjective()]);
    engine.record({ sli: "call_success", good: true });
    expect(engine.metrics().unmatched).toBe(1);
  });
});

describe("wrong names", () => {
  it("a misspelt objective is named with the nearest", () => {
    const { engine } = anEngine([anObjective({ name: "refunds" })]);
    expect(() => engine.status("refund")).toThrow('Did you mean "refunds"?');
  });

  it("an event that says neither good nor value is refused", () => {
    const { engine } = anEngine([anObjective()]);
    expect(() => engine.record({ sli: "task_success" })).toThrow("record.good");
  });

  it.each([
    [{ agent: 5 }, "record.agent"],
    [{ model: null }, "record.model"],
    [{ tool: ["x"] }, "record.tool"],
    [{ source: "gaurd" }, "record.source"],
  ])("an event with %j is refused, and counts nowhere", (wrong, path) => {
    const { engine } = anEngine([
      anObjective(),
      anObjective({ name: "mine", match: { agent: "support" } }),
    ]);
    const sample = { sli: "task_success", good: true, ...wrong } as unknown as SliSample;
    expect(() => engine.record(sample)).toThrow(path);
    expect(() => engine.record(null as unknown as SliSample)).toThrow("BR9001");
    expect(engine.counts("tasks").good).toBe(0);
  });

  it("two objectives of one name are refused", () => {
    expect(() => anEngine([anObjective(), anObjective()])).toThrow(
      "another objective has this name",
    );
  });
});
