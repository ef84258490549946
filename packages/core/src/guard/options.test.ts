import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ConfigError,
  createGuard,
  createMemoryStore,
  type GuardOptions,
  type Ledger,
} from "../index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

function refusal(options: unknown): ConfigError | undefined {
  try {
    createGuard(options as GuardOptions);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

const judge = { name: "a", on: "model", evaluate: () => ({}) };

describe("a wrong option", () => {
  it.each<[unknown, RegExp]>([
    [{ budgetz: [] }, /createGuard has no option "budgetz".*Did you mean "budgets"/],
    [{ budgets: ["$5/dya"] }, /budgets\[0\].*"\$5\/dya".*Did you mean "\$5\/day"/],
    [{ budgets: "$5/day" }, /budgets must be an array.*"\$5\/day"/],
    [{ budgets: ["$0"] }, /above \$0/],
    [{ budgets: ["$99999999/day"] }, /at most \$9,007,199/],
    [{ budgets: ["-$1"] }, /budgets\[0\]/],
    [
      {
        budgets: [
          { id: "b", limit: { usd: 1 }, window: { calendar: "day", timeZone: "Europe/Berlim" } },
        ],
      },
      /budgets\[0\]\.window\.timeZone.*Did you mean "Europe\/Berlin"/,
    ],
    [
      { budgets: [{ id: "b", limit: { usd: 1 }, window: "day", mach: {} }] },
      /Did you mean "match"/,
    ],
    [{ budgets: ["$1", "$1"] }, /budgets\[1\].*an id of its own/],
    [{ onHeld: "wiat" }, /onHeld.*"refuse", "wait".*Did you mean "wait"/],
    [{ onUnknownPrice: "celing" }, /Did you mean "ceiling"/],
    [{ onUnknownPrice: { allowFee: ["x"] } }, /Did you mean "allowFree"/],
    [{ onUnknownPrice: { allowFree: ["llama-?"] } }, /allowFree\[0\] .*the only wildcard/],
    [{ onUnknownPrice: null }, /onUnknownPrice must be .*got null/],
    [{ budgets: null }, /budgets must be an array of at most 1000 entries; got null/],
    [{ budgets: "$5/day" }, /budgets must be an array .*, such as \["\$5\/day"\]; got "\$5/],
    [{ limits: [5] }, /limits\[0\] must be a limit such as "100\/minute per user".*got 5/],
    [{ exporters: null }, /exporters must be an array.*got null/],
    [{ evaluators: [{ ...judge, mode: null }] }, /evaluators\[0\]\.mode/],
    [{ onMissingUsage: "observe" }, /Did you mean "observed"/],
    [{ onUnboundedOutput: "asume" }, /Did you mean "assume"/],
    [{ reservation: "incrementl" }, /reservation must be .*Did you mean "incremental"/],
    [{ reservation: { undispatchedTtl: 5 } }, /Did you mean "undispatchedTtlMs"/],
    [{ reservation: { dispatchedTtlMs: 0 } }, /reservation\.dispatchedTtlMs.*from 1 to/],
    [{ reservation: { dispatchedTtlMs: 2 ** 31 } }, /reservation\.dispatchedTtlMs/],
    [{ store: "sqlite" }, /store must be "memory" or .*what sqliteStore, .*; got "sqlite"/],
    [{ onUnknownPrice: "allow" }, /onUnknownPrice must be .*, or { allowFree: \["llama-\*"\] }/],
    [
      {
        budgets: [
          { id: "b", limit: { usd: 1 }, window: "day", at: [{ fraction: 1, do: "downgrade" }] },
        ],
      },
      /at\[0\]\.do must be .*, or { downgrade: key }; got "downgrade"/,
    ],
    [{ store: {} }, /store\.ledger/],
    [{ clock: {} }, /clock\.wallMs/],
    [{ ids: { next: 5 } }, /ids\.next/],
    [{ prices: { resolve: () => undefined } }, /prices\.dearest/],
    [{ policy: () => "allow" }, /policy/],
    [{ limits: { look: () => undefined } }, /limits\.acquire/],
    [{ authorize: true }, /authorize must be a function/],
    [{ exporters: [{}] }, /exporters\[0\]\.exportCall/],
    [{ evaluators: [{ ...judge, on: "modle" }] }, /evaluators\[0\]\.on.*Did you mean "model"/],
    [{ evaluators: [{ ...judge, requird: true }] }, /Did you mean "required"/],
    [{ evaluators: [{ ...judge, required: "yes" }] }, /evaluators\[0\]\.required/],
    [{ evaluators: [{ ...judge, sample: 2 }] }, /evaluators\[0\]\.sample/],
    [{ evaluators: [{ ...judge, name: "" }] }, /evaluators\[0\]\.name/],
    [{ evaluators: [{ ...judge, timeoutMs: 0 }] }, /evaluators\[0\]\.timeoutMs/],
    [{ evaluators: [{ ...judge, mode: "background", onFail: "refuse" }] }, /too late/],
    [{ evaluators: [{ ...judge, mode: "background", required: true }] }, /required.*too late/],
    [{ evaluators: [judge, { ...judge }] }, /evaluators\[1\]\.name.*evaluators\[0\] has the same/],
    [{ budgets: ["$5/day", "$5/DAY"] }, /budgets\[1\].*an id of its own/],
    [{ budgets: ["$.50/task"] }, /Did you mean "\$0\.50\/task"/],
    [{ budgets: ["$5/hr"] }, /Did you mean "\$5\/hour"/],
    [
      { reservation: { minOutputTokens: 500, defaultMaxOutputTokens: 400 } },
      /reservation\.minOutputTokens must be at most defaultMaxOutputTokens, which is 400/,
    ],
    [{ reservation: { minOutputTokens: 20_000 } }, /minOutputTokens.*which is 16384/],
    [null, /createGuard must be an object; got null/],
    [{ limits: "60/minute" }, /limits must be a list such as .*, or an object; got "60\/minute"/],
    ["$5/day", /createGuard must be an object; got "\$5\/day"/],
    [[], /createGuard must be an object; got an array/],
  ])("%o says which, what was given and what is allowed", (options, message) => {
    const error = refusal(options);
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ code: "BR9001", retryable: false });
    expect(error?.scope).toBeTruthy();
  });

  it("is not a small defaultMaxOutputTokens alone: the least that is sent follows it", async () => {
    const guard = createGuard({
      budgets: ["1k tokens"],
      reservation: { defaultMaxOutputTokens: 100 },
    });
    const estimate = { inputTokens: 1 };
    const permit = await guard.begin({ kind: "model", provider: "x", name: "m", estimate });
    expect(permit.maxOutputTokens).toBe(100);
  });

  it("may be undefined, which is as if it were absent", () => {
    expect(
      refusal({ budgets: undefined, prices: undefined, reservation: undefined }),
    ).toBeUndefined();
  });
});

it("a store may be of a class, with getters", () => {
  class Mine {
    readonly #memory = createMemoryStore();
    readonly killLog = this.#memory.killLog;
    get ledger(): Ledger {
      return this.#memory.ledger;
    }
  }
  expect(refusal({ store: new Mine() })).toBeUndefined();
});

describe("any options at all", () => {
  const broken = (): never => {
    throw new Error("hostile");
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const HOSTILE: readonly unknown[] = [
    new Proxy({}, { get: broken, ownKeys: broken, has: broken }),
    new Proxy([], { get: broken }),
    revoked.proxy,
    Object.defineProperty({}, "id", { get: broken, enumerable: true }),
    Object.defineProperty({ ...judge }, "name", { get: broken, enumerable: true }),
    Object.create(null),
    Symbol("x"),
    10n,
    () => undefined,
    new Date(Number.NaN),
    null,
  ];
  const KEYS = Object.keys({
    budgets: 0,
    prices: 0,
    store: 0,
    journal: 0,
    limits: 0,
    breaker: 0,
    policy: 0,
    evaluators: 0,
    exporters: 0,
    audit: 0,
    authorize: 0,
    killSources: 0,
    clock: 0,
    ids: 0,
    onUnknownPrice: 0,
    onHeld: 0,
    onMissingUsage: 0,
    onUnboundedOutput: 0,
    reservation: 0,
  } satisfies Record<keyof GuardOptions, 0>);
  const METHODS = ["look", "acquire", "decide", "append", "wallMs", "next", "exportCall", "ready"];
  const FIELDS = [...METHODS, "ledger", "killLog", "read", "subscribe", "evaluate", "name", "on"];
  /** Methods of every port, so that values get past the first look. */
  const port = fc.dictionary(
    fc.constantFrom(...FIELDS, "mode", "sample", "id", "limit", "window", "at"),
    fc.oneof(
      fc.anything(),
      fc.constant(() => undefined),
      fc.constant(broken),
    ),
  );
  const value = fc.oneof(fc.anything(), port, fc.array(port, { maxLength: 3 }));

  it("make a guard or a ConfigError, and nothing else", () => {
    const key = fc.oneof({ arbitrary: fc.constantFrom(...KEYS), weight: 9 }, fc.string());
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (options) => void refusal(options)),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(value, (options) => void refusal(options)));
  });

  it.each(KEYS)("with a hostile value as %s are refused, or used as they are", (key) => {
    for (const hostile of HOSTILE) {
      refusal(hostile);
      expect(refusal({ [key]: [hostile] }), `[${typeof hostile}]`).toBeDefined();
      const mayFit = ["authorize", "reservation", "breaker", "limits"].includes(key);
      expect(refusal({ [key]: hostile })).toSatisfy(mayFit ? isConfigError : Boolean);
    }
  });

  it("of one budget, threshold, window or match make a guard or a ConfigError", () => {
    const budget = fc.record(
      {
        id: fc.oneof(fc.string(), value),
        limit: fc.oneof(fc.record({ usd: fc.double() }), value),
        window: fc.oneof(
          fc.constantFrom("day", "task"),
          fc.record({ calendar: fc.constant("day"), timeZone: fc.string() }),
          value,
        ),
        per: value,
        match: fc.oneof(fc.dictionary(fc.string(), value), value),
        at: fc.oneof(fc.array(fc.record({ fraction: fc.double(), do: value })), value),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(budget, { maxLength: 3 }), (budgets) => void refusal({ budgets })),
      { numRuns: 1_000 },
    );
    for (const hostile of HOSTILE) {
      const whole = { id: "b", limit: { usd: 1 }, window: "day" };
      for (const key of ["id", "limit", "window", "per", "match", "at"]) {
        expect(refusal({ budgets: [{ ...whole, [key]: hostile }] })).toSatisfy(isConfigError);
      }
    }
  });
});

function isConfigError(error: unknown): boolean {
  return error === undefined || error instanceof ConfigError;
}

it("a clock may be an object of a class", async () => {
  class Clock {
    readonly #clock = createFakeClock();
    wallMs() {
      return this.#clock.wallMs();
    }
    monotonicMs() {
      return this.#clock.monotonicMs();
    }
    setTimer(...given: Parameters<FakeClock["setTimer"]>) {
      return this.#clock.setTimer(...given);
    }
  }
  const budgets = [{ id: "b", limit: { calls: 1 }, window: "day" }] as const;
  const guard = createGuard({ clock: new Clock(), budgets });
  const permit = await guard.begin({ kind: "tool", name: "t" });
  permit.dispatched();
  await permit.settle();
  expect(await guard.budgets()).toMatchObject([{ settled: 1 }]);
});
