import { ConfigError } from "@burnrate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentObjectives } from "../templates/templates.ts";
import { anObjective } from "../test-fixture.ts";
import { absenceRule } from "./absence-rule.ts";
import { compositeObjective } from "./composite.ts";
import type { objective } from "./create-objective.ts";
import { diffObjectives } from "./diff-objectives.ts";
import { extendObjective, inheritObjectives } from "./extend-objective.ts";
import { checkTarget } from "./target.ts";

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("an objective", () => {
  it("has Google's rules over 30 days", () => {
    const rules = anObjective().rules.map(({ severity, long, short, factor, thresholdText }) => [
      severity,
      long,
      short,
      factor,
      thresholdText,
    ]);
    expect(rules).toEqual([
      ["page", "1h", "5m", 14.4, "0.144"],
      ["page", "6h", "30m", 6, "0.06"],
      ["ticket", "1d", "2h", 3, "0.03"],
      ["ticket", "3d", "6h", 1, "0.01"],
    ]);
  });

  it("scales them to other windows: the same shares of the budget", () => {
    const rulesOf = (window: string) =>
      anObjective({ window }).rules.map(
        ({ long, short, factor }) => `${long}/${short} × ${factor}`,
      );
    expect(rulesOf("28d")).toEqual([
      "1h/5m × 13.44",
      "6h/30m × 5.6",
      "1d/2h × 2.8",
      "3d/6h × 0.9333",
    ]);
    expect(rulesOf("7d")).toEqual([
      "15m/2m × 13.44",
      "1h/5m × 8.4",
      "6h/30m × 2.8",
      "12h/1h × 1.4",
    ]);
    expect(rulesOf("90d")).toEqual(["3h/15m × 14.4", "1d/2h × 4.5", "3d/6h × 3", "9d/18h × 1"]);
    expect(rulesOf("month")).toEqual(rulesOf("30d"));
  });

  it("lowers a default factor that can never be reached, and says so", () => {
    const made = anObjective({ target: 0.9 });
    expect(made.rules[0]).toMatchObject({ factor: 8, thresholdText: "0.8" });
    expect(made.notes).toEqual([
      "The page over 1h fires at a factor of 8: 14.4 can never be exceeded at a target of 0.9.",
    ]);
  });

  it("refuses a factor of the user's that can never be reached", () => {
    const alerts = [{ severity: "page", long: "1h", factor: 14.4 }] as const;
    expect(refusal(() => anObjective({ target: 0.9, alerts }))).toBe(
      'BR9001 objective "tasks".alerts[0].factor must be below 10, such as 8: at a target of 0.9 a burn rate never exceeds 10; got 14.4.',
    );
    const barely = [{ severity: "page", long: "1h", factor: 9 }] as const;
    expect(refusal(() => anObjective({ target: 0.9, alerts: barely }))).toBe("accepted");
    expect(refusal(() => anObjective({ target: 0.95, alerts }))).toBe("accepted");
  });

  it("looks at windows in which enough slices of time end, and says so", () => {
    const made = (every: string) => anObjective({ method: { timeSlices: { every, target: 0.9 } } });
    const windowsOf = (every: string) =>
      made(every).rules.map(({ long, short, factor }) => `${long}/${short} × ${factor}`);
    expect(windowsOf("5m")).toEqual(["1h/5m × 14.4", "6h/30m × 6", "1d/2h × 3", "3d/6h × 1"]);
    expect(windowsOf("1h")).toEqual(["2h/1h × 14.4", "6h/1h × 6", "1d/2h × 3", "3d/6h × 1"]);
    expect(made("1h").notes[0]).toBe(
      "The page looks at 2h and 1h in place of 1h and 5m: slices of 1h are too long for that.",
    );
  });

  it("says which alerts of the user's slices of time let fire never, or now and then only", () => {
    const alerts = [
      { severity: "page", long: "1h", factor: 14.4 },
      { severity: "ticket", long: "1d", short: "30m", factor: 3 },
      { severity: "ticket", long: "1d", factor: 3 },
    ] as const;
    const made = anObjective({ alerts, method: { ratioTimeSlices: { every: "1h" } } });
    expect(made.notes).toEqual([
      "The page over 1h and 1h never fires: too few slices of 1h end in 1h.",
      "The ticket over 1d and 30m fires only while one of the slices of 1h has just ended.",
    ]);
  });

  it("refuses an action that no alert of the objective can begin", () => {
    const on = (trigger: "page" | "ticket" | "burn" | "exhausted", options = {}) =>
      refusal(() => anObjective({ ...options, actions: [{ on: trigger, do: "kill" }] }));
    expect(on("page", { window: "1h" })).toBe(
      'BR9001 objective "tasks".actions[0].on must be exhausted, burn, ticket: no other alert can fire here; got "page".',
    );
    expect(on("burn", { alerts: [] })).toMatch(/must be exhausted: /);
    expect(on("exhausted", { alerts: [] })).toBe("accepted");
    expect(on("page", { target: 1 })).toBe("accepted");
    expect(on("ticket", { target: 1 })).toMatch(/must be exhausted, burn, page: /);
  });

  it("keeps the digits of a target: 1 − 0.99 is 0.01", () => {
    for (const given of [0.99, "0.99", "99%", "99.0 %"]) {
      expect(checkTarget("target", given)).toEqual({
        text: "0.99",
        value: 0.99,
        budgetText: "0.01",
        budget: 0.01,
      });
    }
    const share = fc.integer({ min: 1, max: 999_999 });
    fc.assert(
      fc.property(share, (parts) => {
        const { budgetText, text } = checkTarget("target", parts / 1_000_000);
        expect(Math.round(Number(text) * 1e6) + Math.round(Number(budgetText) * 1e6)).toBe(
          1_000_000,
        );
        expect(budgetText.length).toBeLessThanOrEqual(8);
      }),
    );
  });

  it("takes an amount of dollars however small, and a time of none", () => {
    const threshold = { maxUsd: 5e-7 };
    const priced = anObjective({ sli: "cost_per_task", threshold });
    expect(priced.threshold).toMatchObject({ value: 500, unit: "nanoUsd" });
    const actions = [{ on: "page", do: "alert", after: "0m" }] as const;
    expect(anObjective({ actions }).actions[0]?.afterMs).toBe(0);
  });

  it("names durations that would be taken where it refuses one", () => {
    const action = { on: "page", do: "alert" } as const;
    const quiet = [{ ...action, quietFor: "10s" }];
    expect(refusal(() => anObjective({ window: "5m" }))).toContain('such as "30d" or "6h";');
    expect(refusal(() => anObjective({ actions: quiet }))).toContain('such as "6h" or "5m";');
  });

  it("refuses impossible options, and says which spelling was meant", () => {
    const wrong = (options: Record<string, unknown>): string =>
      refusal(() => anObjective(options as Partial<Parameters<typeof objective>[0]>));
    expect(wrong({ target: 99.5 })).toContain("99.5 % is 0.995");
    for (const target of [0, -1, 1.5, "many", Number.NaN, "101 %", 1e-15]) {
      expect(wrong({ target })).toContain('"tasks".target must be');
    }
    for (const window of [
      "30",
      "0d",
      "9999d",
      "fortnight",
      { calendar: "month", timeZone: "Mars" },
    ]) {
      expect(wrong({ window })).toContain('"tasks".window');
    }
    expect(wrong({ sli: "task_sucess" })).toContain('Did you mean "task_success"?');
    expect(wrong({ sli: undefined })).toContain('"tasks".sli must be');
    expect(wrong({ sli: "eval:" })).toContain("eval:<evaluator>");
    expect(wrong({ tresholds: 1 })).toContain("threshold");
    expect(wrong({ sli: "latency" })).toContain("{ maxMs: … }");
    expect(wrong({ sli: "latency", threshold: { maxUsd: 1 } })).toContain("maxMs, for latency");
    expect(wrong({ threshold: { max: 1 } })).toContain("good or bad by itself");
    expect(wrong({ match: { agent: "sup*" } })).toContain("match.agent");
    expect(wrong({ match: { agent: "support/" } })).toContain("without / at its end");
    expect(wrong({ match: { model: "gpt-[45]" } })).toContain("only wildcard");
    expect(wrong({ match: { model: "a", tool: "b" } })).toContain("not both");
    expect(wrong({ actions: [{ on: "page", do: "trottle" }] })).toContain(
      'Did you mean "throttle"?',
    );
    expect(wrong({ actions: [{ on: "page", do: "downgrade" }] })).toContain(
      'or { downgrade: key } or { openBreaker: circuit }; got "downgrade"',
    );
    expect(wrong({ target: 1, alerts: [] })).toContain("left out at a target of 100 %");
    expect(wrong({ sli: "refund_accuracy" })).toBe("accepted");
    expect(wrong({ sli: "constructor" })).toBe("accepted");
  });

  it("absence rules and composites are checked, too", () => {
    expect(refusal(() => absenceRule({ name: "x", after: "soon" }))).toContain("after");
    expect(refusal(() => absenceRule({ name: "x", after: "5m", sli: "task_sucess" }))).toContain(
      'Did you mean "task_success"?',
    );
    const match = { agent: "support/" };
    expect(refusal(() => absenceRule({ name: "x", after: "5m", match }))).toContain("without /");
    expect(refusal(() => compositeObjective({ name: "x", of: ["a", "a"] }))).toContain("different");
  });
});

describe("inheritance", () => {
  it("takes options over by name, in any order", () => {
    const made = inheritObjectives([
      { name: "de", extends: "refunds", match: { agent: "refunds/de" } },
      { name: "refunds", extends: "base", target: 0.99 },
      { name: "base", abstract: true, sli: "task_success", target: 0.9, window: "30d" },
    ]);
    expect(made.map(({ name, target, match }) => [name, target.text, match.agent])).toEqual([
      ["refunds", "0.99", undefined],
      ["de", "0.99", "refunds/de"],
    ]);
  });

  it("refuses two alerts of one severity over the same windows, which nobody could tell apart", () => {
    const [one, other] = [
      { severity: "page", long: "1h", factor: 2 },
      { severity: "page", long: "60m", short: "5m", factor: 3 },
    ] as const;
    const message = refusal(() => anObjective({ alerts: [one, other] }));
    expect(message).toContain("different from alerts[0], a page over the same windows");
    expect(anObjective({ alerts: [one, { ...other, severity: "ticket" }] }).rules).toHaveLength(2);
    expect(anObjective({ alerts: [one, { ...other, short: "10m" }] }).rules).toHaveLength(2);
  });

  it("tells of no change of alerts that are in another order, or that a target of 100 % replaces", () => {
    const alerts = [
      { severity: "page", long: "1h", factor: 5 },
      { severity: "ticket", long: "6h", factor: 2 },
    ] as const;
    const before = [anObjective({ alerts })];
    expect(diffObjectives(before, [anObjective({ alerts: alerts.toReversed() })])).toEqual([]);
    expect(diffObjectives(before, [anObjective({ target: 1 })])).toMatchObject([
      { field: "target", effect: "tightened" },
    ]);
  });

  it("refuses chains that nobody can follow", () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => ({
      name: `o${at}`,
      extends: `o${at + 1}`,
    }));
    expect(refusal(() => inheritObjectives(chain))).toContain("a chain of at most 100");
  });

  it("refuses cycles and bases that do not exist", () => {
    const cycle = [
      { name: "a", extends: "b" },
      { name: "b", extends: "c" },
      { name: "c", extends: "b" },
    ];
    expect(refusal(() => inheritObjectives(cycle))).toContain('free of cycles ("b" → "c" → "b")');
    expect(refusal(() => inheritObjectives([{ name: "a", extends: "z" }]))).toContain("extends");
  });

  it("refuses what is no list, and bases that nobody made", () => {
    expect(refusal(() => inheritObjectives("a" as never))).toContain("inheritObjectives must be");
    const half = [{ name: "a", abstract: "yes" as never }];
    expect(refusal(() => inheritObjectives(half))).toContain("inheritObjectives[0].abstract");
    const slip = [{ name: "a", abstract: true, taget: 0.9 } as never];
    expect(refusal(() => inheritObjectives(slip))).toContain('Did you mean "target"?');
    expect(refusal(() => extendObjective({} as never, { name: "a" }))).toContain(
      "made by objective",
    );
    expect(refusal(() => diffObjectives([{}] as never, []))).toContain("diffObjectives.before[0]");
  });

  it("one objective is like another but for what is said", () => {
    const next = extendObjective(anObjective({ target: 0.95 }), { name: "strict", target: 0.99 });
    expect(next).toMatchObject({ name: "strict", sli: "task_success", target: { text: "0.99" } });
  });
});

describe("a diff of objectives", () => {
  it("says what was tightened, loosened and broken", () => {
    const latency = { name: "latency", sli: "latency", threshold: { maxMs: 5_000 } } as const;
    const before = [anObjective(), anObjective(latency), anObjective({ name: "gone" })];
    const after = [
      anObjective({ target: 0.999 }),
      anObjective({ ...latency, threshold: { maxMs: 8_000 }, window: "7d" }),
      anObjective({ name: "new" }),
    ];
    expect(
      diffObjectives(before, after).map(({ objective: name, field, effect }) => [
        name,
        field,
        effect,
      ]),
    ).toEqual([
      ["tasks", "target", "tightened"],
      ["latency", "window", "breaking"],
      ["latency", "threshold", "loosened"],
      ["new", undefined, "added"],
      ["gone", undefined, "breaking"],
    ]);
    expect(diffObjectives(before, before)).toEqual([]);
  });

  it("compares no list in which a name is used twice", () => {
    const twice = [anObjective(), anObjective({ target: 0.5 })];
    expect(refusal(() => diffObjectives([anObjective()], twice))).toBe(
      'BR9001 diffObjectives.after[1].name must be unique: another has this name; got "tasks".',
    );
    expect(refusal(() => diffObjectives(twice, []))).toContain("diffObjectives.before[1].name");
  });

  it("reads factors of alerts: lower ones tell sooner", () => {
    const withFactor = (factor: number) =>
      anObjective({ alerts: [{ severity: "page", long: "1h", factor }] });
    const effect = (from: number, to: number) =>
      diffObjectives([withFactor(from)], [withFactor(to)])[0]?.effect;
    expect([effect(14, 10), effect(10, 14)]).toEqual(["tightened", "loosened"]);
  });
});

describe("templates", () => {
  it("make objectives for one agent that an engine takes as they are", () => {
    for (const kind of ["support", "coding", "research", "data-pipeline"] as const) {
      const made = agentObjectives(kind, "refunds");
      expect(made.length).toBeGreaterThan(3);
      expect(new Set(made.map(({ name }) => name)).size).toBe(made.length);
      for (const { match, rules, target } of made) {
        expect(match).toEqual({ agent: "refunds" });
        expect(rules.length > 0 || target.budget === 0).toBe(true);
      }
    }
    expect(refusal(() => agentObjectives("suport" as "support", "x"))).toContain('"support"');
  });
});
