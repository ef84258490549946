import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.ts";
import type { BudgetDimension, BudgetOptions, WindowName } from "./budget.ts";
import { DIMENSIONS } from "./budget-text.ts";
import { WINDOW_NAMES, windowFromName } from "./check-window.ts";
import { parseBudget, parseBudgets } from "./parse-budget.ts";

const UTC_DAY = { kind: "calendar", calendar: "day", timeZone: "UTC" } as const;
const OPUS: BudgetOptions = { id: "opus", limit: { usd: 20 }, window: "day" };

/** Parses what a JavaScript user might write, whatever the types say. */
const parse = (input: unknown) => parseBudget("budgets[0]", input as BudgetOptions);

function expectBudgetOrConfigError(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
  }
}

function refusal(input: unknown): string {
  try {
    parse(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("was not refused");
}

describe("a budget string", () => {
  it.each<[string, string, number, WindowName, BudgetDimension | undefined]>([
    ["$5/day", "usd", 5_000_000_000, "day", undefined],
    ["$0.50/task", "usd", 500_000_000, "task", undefined],
    ["$100/month per org", "usd", 100_000_000_000, "month", "org"],
    ["$1", "usd", 1_000_000_000, "total", undefined],
    ["$1,000/week", "usd", 1_000_000_000_000, "week", undefined],
    ["$1_000/week", "usd", 1_000_000_000_000, "week", undefined],
    ["$1.5k per team", "usd", 1_500_000_000_000, "total", "team"],
    ["$1/call", "usd", 1_000_000_000, "call", undefined],
    ["10000 tokens/hour", "tokens", 10_000, "hour", undefined],
    ["10k tokens", "tokens", 10_000, "total", undefined],
    ["1.5M tokens/month per user", "tokens", 1_500_000, "month", "user"],
    ["1 token", "tokens", 1, "total", undefined],
    ["500 calls/minute per tool", "calls", 500, "minute", "tool"],
    ["1 call/session", "calls", 1, "session", undefined],
    ["$5/DAY Per Agent", "usd", 5_000_000_000, "day", "agent"],
    ["$1/task per task", "usd", 1_000_000_000, "task", undefined],
    ["$1/session per session", "usd", 1_000_000_000, "session", undefined],
  ])("%s", (text, unit, limit, window, per) => {
    const budget = parse(text);
    expect(budget).toMatchObject({
      unit,
      limit,
      window: windowFromName(window),
      match: {},
    });
    expect(budget.per).toBe(per);
  });

  it.each([
    ["$1,000/week", "$1,000/week"],
    ["1.5M tokens/month per user", "1.5M tokens/month per user"],
    ["  $5/day \t per\n org ", "$5/day per org"],
    ["$5 / day", "$5/day"],
    ["$ 5/Day Per ORG", "$5/day per org"],
    ["10K Tokens / Hour", "10k tokens/hour"],
  ])("%s is its own id, with spaces and case tidied: %s", (text, id) => {
    expect(parse(text).id).toBe(id);
    expect(parse(id).id).toBe(id);
  });

  it.each(["$5/DAY", "$5 / day", "$ 5/day"])("%s is the same budget as $5/day", (text) => {
    expect(() => parseBudgets("budgets", ["$5/day", text])).toThrow(
      /budgets\[1\].*an id of its own: budgets\[0\]/,
    );
  });

  it("alerts at 50, 75, 90 and 95 per cent", () => {
    expect(parse("$5/day").thresholds).toEqual(
      [0.5, 0.75, 0.9, 0.95].map((fraction) => ({ fraction, do: "alert" })),
    );
  });

  it.each([
    ["$5 per day", "$5/day"],
    ["$5 per days", "$5/day"],
    ["$5 a day", "$5/day"],
    ["$5 day", "$5/day"],
    ["10 tokens per day", "10 tokens/day"],
    ["$5/days", "$5/day"],
    ["$5/day per orgs", "$5/day per org"],
    ["$1/sesion per user", "$1/session per user"],
    ["$.50/task", "$0.50/task"],
    ["$5/hr", "$5/hour"],
    ["$5/min", "$5/minute"],
    ["$5/mo per org", "$5/month per org"],
    ["$5m", "$5M"],
    ["5 usd/day", "$5/day"],
    ["5", "$5"],
    ["10k", "10k tokens"],
    ["10 tokns/hour", "10 tokens/hour"],
    ["500calls", "500 calls"],
    ["2B tokens/month", "2000M tokens/month"],
    ["3bn calls", "3000M calls"],
    ["$5 tokens", "$5"],
    ["10ktokens/day", "10k tokens/day"],
    ["10Mcalls", "10M calls"],
    ["$5kusd/day", "$5k/day"],
    ["$5month", "$5/month"],
    ["5$/day", "$5/day"],
    ["USD 5/task", "$5/task"],
    ["5 usd per day", "$5/day"],
    [".5$", "$0.5"],
  ])("%s is refused, with %s as what was meant", (text, meant) => {
    expect(refusal(text)).toContain(`got ${JSON.stringify(text)}. Did you mean "${meant}"?`);
    expect(() => parse(meant)).not.toThrow();
  });

  it.each(["1 bn tokens/day", "1 million tokens", "1.5B tokens", "1X tokens/day", "$1B/day"])(
    "%s is refused, and nothing that is much less is offered for it",
    (text) => {
      expect(refusal(text)).not.toContain("Did you mean");
    },
  );

  it.each([
    ["", "must be a budget such as"],
    ["$", "must be a budget such as"],
    ["€5/day", "must be a budget such as"],
    ["$5/day per", "must be a budget such as"],
    ["$5/day per org per team", "must be a budget such as"],
    ["5 constructor", "must be a budget such as"],
    ["$5/__proto__", "is one of minute, hour"],
    ["$5/", "is one of minute, hour"],
    ["$1,5/day", "an amount of dollars"],
    ["$0/day", "above $0"],
    ["$-5/day", "above $0"],
    ["$0.0000000001", "at most 9 decimals"],
    ["$10M", "at most $9,007,199"],
    ["1.5 tokens", "a whole number of tokens"],
    ["0.5 calls", "a whole number of calls"],
    ["0 calls", "a whole number of calls"],
    ["10000000000M tokens", "a whole number of tokens"],
    ["$1/call per org", "without per"],
    ["$5/fortnight", "is one of minute, hour"],
    [`$5/day${" ".repeat(1_000_000)}per org`, "must be a budget such as"],
  ])("%.30s is refused", (text, why) => {
    expect(refusal(text)).toContain(why);
    expect(refusal(text).length).toBeLessThan(400);
  });

  it("means what its parts say, however it is written", () => {
    const amounts = fc
      .tuple(
        fc.integer({ min: 1, max: 9_000 }),
        fc.constantFrom(["", 1], ["k", 1e3], ["K", 1e3]),
        fc.constantFrom(["$", "", 1e9], ["", " tokens", 1], ["", " calls", 1]),
      )
      .map(([whole, [letter, times], [before, after, factor]]) => ({
        text: `${before}${whole}${letter}${after}`,
        limit: whole * Number(times) * Number(factor),
      }));
    const windows = fc.constantFrom<["" | "/", WindowName]>(
      ["", "total"],
      ...WINDOW_NAMES.filter((name) => name !== "call").map(
        (name) => ["/", name] as ["/", WindowName],
      ),
    );
    const dimensions = fc.constantFrom(undefined, ...DIMENSIONS);
    const cases = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
    );
    fc.assert(
      fc.property(amounts, windows, dimensions, cases, (amount, [slash, window], per, change) => {
        const tail = (slash && `/${window}`) + (per === undefined ? "" : ` per ${per}`);
        const text = amount.text + change(tail);
        expect(parse(text)).toMatchObject({
          id: amount.text.replace("K", "k") + tail,
          limit: amount.limit,
          window: windowFromName(window),
          per: per === window ? undefined : per,
        });
      }),
      { numRuns: 500 },
    );
  });

  it("throws nothing but ConfigError, however its pieces are put together", () => {
    const pieces =
      "$|5|1,5|1.2.3|0|-1|k|m|M|/| |per| per |day|days|org|orgs|a|usd|tokens|calls|tokns|task";
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces.split("|")), { maxLength: 9 }), (parts) => {
        expectBudgetOrConfigError(() => parse(parts.join("")));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a budget object", () => {
  it("is checked into whole nano-dollars", () => {
    expect(
      parse({
        ...OPUS,
        window: { calendar: "day", timeZone: "Europe/Berlin" },
        per: "team",
        match: { model: "claude-opus-*", purpose: "agent", agent: "planner" },
        at: [{ fraction: 1, do: "kill" }],
      }),
    ).toEqual({
      id: "opus",
      unit: "usd",
      limit: 20_000_000_000,
      window: { kind: "calendar", calendar: "day", timeZone: "Europe/Berlin" },
      per: "team",
      match: { model: "claude-opus-*", purpose: "agent", agent: "planner" },
      thresholds: [{ fraction: 1, do: "kill" }],
      onStoreOutage: "deny",
    });
  });

  it("counts calendar days in UTC unless it says a zone", () => {
    expect(parse(OPUS).window).toEqual(UTC_DAY);
    expect(parse({ ...OPUS, window: { calendar: "day" } }).window).toEqual(UTC_DAY);
    expect(parse({ ...OPUS, window: { calendar: "day", timeZone: "etc/utc" } }).window).toEqual(
      UTC_DAY,
    );
  });

  it.each(["Asia/Kolkata", "Asia/Calcutta", "europe/berlin", "+05:30"])(
    "accepts the zone %s, as the platform does",
    (timeZone) => {
      expect(parse({ ...OPUS, window: { calendar: "week", timeZone } }).window).toEqual({
        kind: "calendar",
        calendar: "week",
        timeZone,
      });
    },
  );

  it("sorts thresholds and keeps each once", () => {
    const at = [
      { fraction: 1, do: "kill" },
      { fraction: 0.5, do: "kill" },
      { fraction: 0.5, do: "alert" },
      { fraction: 1, do: "kill" },
    ];
    expect(parse({ ...OPUS, at }).thresholds).toEqual([
      { fraction: 0.5, do: "alert" },
      { fraction: 0.5, do: "kill" },
      { fraction: 1, do: "kill" },
    ]);
    expect(parse({ ...OPUS, at: [] }).thresholds).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["a misspelt key", { ...OPUS, limt: 1 }, 'no option "limt"'],
    ["a misspelt unit", { ...OPUS, limit: { dollars: 1 } }, '.limit has no option "dollars"'],
    [
      "a misspelt window key",
      { ...OPUS, window: { calendar: "day", timezone: "UTC" } },
      'Did you mean "timeZone"',
    ],
    ["a misspelt match key", { ...OPUS, match: { modle: "x" } }, 'Did you mean "model"'],
    [
      "a misspelt threshold key",
      { ...OPUS, at: [{ fration: 0.5, do: "alert" }] },
      'Did you mean "fraction"',
    ],
    ["no id", { ...OPUS, id: undefined }, "budgets[0].id must be"],
    ["an empty id", { ...OPUS, id: "" }, "budgets[0].id must be"],
    ["a huge id", { ...OPUS, id: "x".repeat(201) }, "budgets[0].id must be"],
    ["no window", { ...OPUS, window: undefined }, "budgets[0].window must be one of"],
    [
      "a window of its own length",
      { ...OPUS, window: "24h" },
      '"total", or an object such as { calendar: "day", timeZone: "Europe/Berlin" }; got "24h"',
    ],
    [
      "a limit as a text",
      { ...OPUS, limit: "$5" },
      'budgets[0].limit must be an object such as { usd: 5 }; got "$5"',
    ],
    ["a plural window", { ...OPUS, window: "days" }, 'Did you mean "day"'],
    ["a calendar hour", { ...OPUS, window: { calendar: "hour" } }, ".window.calendar must be"],
    [
      "an unknown zone",
      { ...OPUS, window: { calendar: "day", timeZone: "Europe/Berln" } },
      'Did you mean "Europe/Berlin"',
    ],
    [
      "an unknown modern zone",
      { ...OPUS, window: { calendar: "day", timeZone: "Asia/Kolkatta" } },
      'Did you mean "Asia/Kolkata"',
    ],
    [
      "no zone, as null",
      { ...OPUS, window: { calendar: "day", timeZone: null } },
      "an IANA time zone",
    ],
    [
      "an agent with a / at its end",
      { ...OPUS, match: { agent: "planner/" } },
      "its sub-agents are covered too",
    ],
    ["an empty zone", { ...OPUS, window: { calendar: "day", timeZone: "" } }, "an IANA time zone"],
    [
      "a zone that is no string",
      { ...OPUS, window: { calendar: "day", timeZone: 1 } },
      "an IANA time zone",
    ],
    ["no limit", { ...OPUS, limit: {} }, "exactly one of usd, tokens and calls"],
    [
      "two limits",
      { ...OPUS, limit: { usd: 1, calls: 1 } },
      "exactly one of usd, tokens and calls",
    ],
    ["half a token", { ...OPUS, limit: { tokens: 0.5 } }, "a whole number from 1"],
    ["no call at all", { ...OPUS, limit: { calls: 0 } }, "a whole number from 1"],
    ["dollars as text", { ...OPUS, limit: { usd: "5" } }, "a number of dollars"],
    ["NaN dollars", { ...OPUS, limit: { usd: Number.NaN } }, "an amount of dollars"],
    ["too many dollars", { ...OPUS, limit: { usd: 1e7 } }, "at most $9,007,199"],
    ["an unknown dimension", { ...OPUS, per: "tenant" }, "budgets[0].per must be one of"],
    ["per with a call window", { ...OPUS, window: "call", per: "org" }, "without per"],
    ["tools of models", { ...OPUS, match: { kind: "model" }, per: "tool" }, "none of the calls"],
    [
      "models of tools",
      { ...OPUS, match: { tool: "search" }, per: "model" },
      "without per: none of the calls",
    ],
    [
      "a threshold of a call window",
      { ...OPUS, window: "call", at: [{ fraction: 0.5, do: "kill" }] },
      ".at must be left out: of a call window nothing adds up",
    ],
    ["a threshold of zero", { ...OPUS, at: [{ fraction: 0, do: "alert" }] }, ".at[0].fraction"],
    [
      "a threshold in per cent",
      { ...OPUS, at: [{ fraction: 50, do: "alert" }] },
      ".at[0].fraction",
    ],
    [
      "a misspelt action",
      { ...OPUS, at: [{ fraction: 1, do: "throtle" }] },
      'Did you mean "throttle"?',
    ],
    [
      "a downgrade to nothing",
      { ...OPUS, at: [{ fraction: 1, do: { downgrade: "" } }] },
      ".at[0].do.downgrade must be",
    ],
    [
      "two downgrades at one fraction",
      {
        ...OPUS,
        at: [
          { fraction: 0.5, do: { downgrade: "a" } },
          { fraction: 0.5, do: { downgrade: "b" } },
        ],
      },
      "one downgrade, and one throttle, at each fraction",
    ],
    [
      "a wait without a throttle",
      { ...OPUS, at: [{ fraction: 1, do: "alert", maxDelayMs: 5 }] },
      ".at[0].maxDelayMs must be left out",
    ],
    [
      "a wait without an end",
      { ...OPUS, at: [{ fraction: 1, do: "throttle", maxDelayMs: Number.POSITIVE_INFINITY }] },
      ".at[0].maxDelayMs must be",
    ],
    ["an empty match", { ...OPUS, match: { org: "" } }, ".match.org must be"],
    [
      "a match of another kind",
      { ...OPUS, match: { kind: "agent" } },
      ".match.kind must be one of",
    ],
    ["braces in a glob", { ...OPUS, match: { model: "gpt-{4,5}" } }, "* is the only wildcard"],
    [
      "a question mark in a glob",
      { ...OPUS, match: { tool: "search?" } },
      "* is the only wildcard",
    ],
    ["a wildcard in an exact name", { ...OPUS, match: { org: "acme-*" } }, "an exact name"],
    ["a model and a tool", { ...OPUS, match: { model: "a", tool: "b" } }, "would never apply"],
    ["a tool among models", { ...OPUS, match: { kind: "model", tool: "b" } }, "never apply"],
    ["a model among tools", { ...OPUS, match: { kind: "tool", model: "a" } }, "never apply"],
    [
      "tokens of a tool",
      { ...OPUS, limit: { tokens: 5 }, match: { tool: "b" } },
      "limit must be usd or calls: tools use no tokens",
    ],
    ["a list of models", { ...OPUS, match: { model: ["a"] } }, "an array of 1"],
    ["a number", 5, 'budgets[0] must be a budget such as "$5/day", or an object'],
    ["null", null, 'budgets[0] must be a budget such as "$5/day", or an object'],
  ])("with %s is refused", (_what, input, why) => {
    expect(refusal(input)).toContain(why);
  });
});

describe("a list of budgets", () => {
  it("keeps its order", () => {
    const budgets = parseBudgets("budgets", ["$5/day", OPUS]);
    expect(budgets.map((budget) => budget.id)).toEqual(["$5/day", "opus"]);
  });

  it("refuses two budgets with one id, also when only the spaces differ", () => {
    expect(() => parseBudgets("budgets", ["$5/day", OPUS, " $5/day "])).toThrow(
      "budgets[2] must be a budget with an id of its own: budgets[0] has the same",
    );
  });

  it("refuses more than 1,000 budgets", () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `$${index + 1}`);
    expect(parseBudgets("budgets", many.slice(1))).toHaveLength(1_000);
    expect(() => parseBudgets("budgets", many)).toThrow("at most 1000 entries");
  });

  it("throws nothing but ConfigError, whatever it is given", () => {
    const garbage = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    const shaped = fc.record(
      {
        id: fc.oneof(fc.string(), garbage),
        limit: fc.oneof(fc.record({ usd: garbage }), garbage),
        window: fc.oneof(
          fc.record({ calendar: fc.constant("day"), timeZone: fc.string() }),
          garbage,
        ),
        per: garbage,
        match: garbage,
        at: garbage,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.oneof(fc.string(), shaped, garbage)), garbage), (input) => {
        expectBudgetOrConfigError(() => parseBudgets("budgets", input as string[]));
      }),
      { numRuns: 2_000 },
    );
  });
});
