import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { objective } from "../objective/create-objective.ts";
import type { Objective, ObjectiveOptions } from "../objective/objective.ts";
import { parseOpenSlo } from "./parse-open-slo.ts";
import { toOpenSlo } from "./to-open-slo.ts";

const text = (max: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: max })
    .map((one) => `n${one}`.replace(/\p{Cc}/gu, "").slice(0, max));
const noData = fc.constantFrom("ignore", "good", "bad") as fc.Arbitrary<"ignore" | "good" | "bad">;

const indicator = fc.oneof(
  fc.record({ sli: fc.constantFrom("task_success", "call_success", "eval:tone") }),
  fc.record({
    sli: fc.constantFrom("latency", "task_duration"),
    threshold: fc.integer({ min: 1, max: 100_000 }).map((maxMs) => ({ maxMs })),
  }),
  fc.record({
    sli: fc.constant("cost_per_task"),
    threshold: fc
      .integer({ min: 1, max: 1e9 })
      .map((nano) => ({ maxUsd: (nano / 1e9).toFixed(9) })),
  }),
  fc.record({
    sli: fc.constant("words per answer"),
    threshold: fc.oneof(
      fc.integer().map((min) => ({ min })),
      fc.integer().map((max) => ({ max })),
      fc.integer({ min: 1 }).map((maxMs) => ({ maxMs })),
    ),
  }),
);

const options = fc
  .record(
    {
      name: text(60),
      indicator,
      target: fc.constantFrom(0.9, "99.5 %", 0.9995, "0.999999999999", 0.0000001, 1),
      window: fc.constantFrom<ObjectiveOptions["window"]>(
        "30d",
        "7d",
        "6h",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        { calendar: "month", timeZone: "Europe/Berlin" },
      ),
      match: fc.constantFrom(
        { agent: "support/refunds" },
        { model: "gpt-*" },
        { agent: "a", tool: "send_*" },
      ),
      method: fc.oneof(
        fc.constant("occurrences" as const),
        noData.map((policy) => ({ timeSlices: { every: "5m", target: 0.95, noData: policy } })),
        noData.map((policy) => ({ ratioTimeSlices: { every: "1h", noData: policy } })),
      ),
      alerts: fc.constantFrom<NonNullable<ObjectiveOptions["alerts"]>>(
        [],
        [{ severity: "page", long: "1h", factor: 1, whenNoData: true }],
        [
          { severity: "ticket", long: "5h", short: "7m", factor: 0.75 },
          { severity: "page", long: "2h", factor: 1.05 },
        ],
      ),
      actions: fc.constantFrom<NonNullable<ObjectiveOptions["actions"]>>([
        { on: "page", do: "throttle", after: "5m" },
        { on: "exhausted", do: { downgrade: "cheap" } },
      ]),
      sources: fc.constantFrom<NonNullable<ObjectiveOptions["sources"]>>(["guard"]),
      minCoverage: fc.constantFrom(0.25),
      description: text(200),
      service: fc.constantFrom("support", "Größe & co: 'x'"),
    },
    { requiredKeys: ["name", "indicator", "target", "window"] },
  )
  .map(({ indicator: measured, alerts, actions, ...rest }) => {
    const isReachable = Number.parseFloat(String(rest.target)) < 1e-5 || rest.target === 1;
    const own = alerts && !isReachable && { alerts };
    const canPage = rest.target === 1 || (own && alerts.length > 0);
    return {
      ...rest,
      ...measured,
      ...own,
      ...(actions && { actions: actions.filter(({ on }) => on !== "page" || canPage) }),
    } as ObjectiveOptions;
  });

/** Everything but what it was made from, which may say the same in other words. */
function meaning({ options: _options, ...rest }: Objective): Omit<Objective, "options"> {
  return rest;
}

describe("toOpenSlo", () => {
  it("writes what parseOpenSlo reads as the same objectives", () => {
    const many = fc.uniqueArray(options, { selector: ({ name }) => name, maxLength: 4 });
    fc.assert(
      fc.property(many, (all) => {
        const made = all.map(objective);
        const read = parseOpenSlo(toOpenSlo(made));
        expect(read.map(meaning)).toEqual(made.map(meaning));
        expect(toOpenSlo(read)).toBe(toOpenSlo(made));
      }),
      { numRuns: 150 },
    );
  });

  it("writes what libraries of older YAML read and write as the same, dates and words for true among it", () => {
    const window = { calendar: "week", timeZone: "Asia/Kathmandu" } as const;
    const made = ["yes", "12:30:45", "null", "0o17", "2026-01-01"].map((name) =>
      objective({ name, sli: "own", target: 0.9, window, service: name, description: name }),
    );
    const text = toOpenSlo(made);
    const documents = parseAllDocuments(text, { version: "1.1" }).map((one) => one.toJS());
    expect(documents).toEqual(parseAllDocuments(text).map((one) => one.toJS()));
    const again = text.replaceAll("2024-01-01 00:00:00", "2024-01-01T00:00:00.000Z");
    expect(again).not.toBe(text);
    expect(parseOpenSlo(again).map(meaning)).toEqual(made.map(meaning));
  });

  it("writes names that every implementation supports, also when two become the same", () => {
    const named = (name: string): Objective =>
      objective({ name, sli: "task_success", target: 0.9, window: "30d" });
    const written = toOpenSlo([named("Refunds (EU)"), named("refunds eu"), named("ß")]);
    const names = [...written.matchAll(/^metadata:\n {2}name: (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual(["refunds-eu", "refunds-eu-2", "objective"]);
  });
});
