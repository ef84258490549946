import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ApprovalDeniedError,
  ApprovalTimeoutError,
  BudgetExceededError,
  CircuitOpenError,
  ConcurrencyLimitedError,
  ConfigError,
  DelegationDepthError,
  EvaluationFailedError,
  findGuardError,
  GuardError,
  isGuardError,
  KilledError,
  LoopDetectedError,
  PolicyDeniedError,
  RateLimitedError,
  StoreUnavailableError,
  ToolQuarantinedError,
  UnknownPriceError,
} from "../index.ts";

const ours = new KilledError({ message: "stopped", scope: "kill:1" });
const broken = (): never => {
  throw new Error("hostile");
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const revokedList = Proxy.revocable([], {});
revokedList.revoke();

/** Values that answer every question with an exception, or with nonsense. */
const HOSTILE: readonly (readonly [string, unknown])[] = [
  ["a getter that throws", Object.defineProperty({}, "cause", { get: broken })],
  [
    "a proxy that throws at everything",
    new Proxy({}, { get: broken, has: broken, ownKeys: broken }),
  ],
  ["a list that throws at everything", new Proxy([], { get: broken, has: broken })],
  ["a revoked proxy", revoked.proxy],
  ["a revoked list", revokedList.proxy],
  ["a proxy that has everything", new Proxy({}, { has: () => true })],
  ["a proxy that is everything", new Proxy({}, { get: (_, key) => ({ [key]: true }) })],
  ["an object without a prototype", Object.create(null)],
  ["a function", () => ours],
  ["a symbol", Symbol("x")],
  ["nothing", undefined],
  ["null", null],
];

/** An object that holds itself. */
function cycle(): { cause?: unknown; errors?: unknown } {
  const loop: { cause?: unknown; errors?: unknown } = {};
  loop.cause = loop;
  loop.errors = [loop, [loop]];
  return loop;
}

describe("isGuardError", () => {
  it("knows an error of ours itself, and not what wraps it", () => {
    expect(isGuardError(ours)).toBe(true);
    expect(isGuardError(new Error("x", { cause: ours }))).toBe(false);
    expect(isGuardError({ code: "BR1001", retryable: false })).toBe(false);
  });

  it.each(HOSTILE)("says no to %s and never throws", (_, value) => {
    expect(isGuardError(value)).toBe(false);
  });
});

describe("findGuardError", () => {
  it.each<[string, unknown]>([
    ["itself", ours],
    ["a cause", new Error("x", { cause: ours })],
    ["the last of several attempts", { name: "RetryError", lastError: ours, errors: [1, 2] }],
    [
      "errors that happened together",
      new AggregateError([new Error("a"), new Error("b", { cause: ours })]),
    ],
    ["an error beside which closing failed", { error: new Error("close"), suppressed: ours }],
    ["a tool's error part", { type: "tool-error", error: ours }],
    ["a node's tool error", { toolError: { cause: ours } }],
    ["a rejected result", { status: "rejected", reason: ours }],
    ["a list of content parts", [{ type: "text" }, { type: "tool-error", error: ours }]],
    ["an abort's reason", { reason: ours }],
  ])("finds it in %s", (_, value) => {
    expect(findGuardError(value)).toBe(ours);
  });

  it("finds nothing where there is nothing, also in a cycle", () => {
    for (const value of [new Error("x", { cause: new Error("y") }), cycle(), [], {}, "BR1001", 5]) {
      expect(findGuardError(value)).toBeUndefined();
    }
  });

  it("finds it behind a cycle", () => {
    const loop = cycle();
    loop.errors = [loop, { cause: loop, error: ours }];
    expect(findGuardError(loop)).toBe(ours);
  });

  it("finds it 900 causes deep, and gives up on chains without end", () => {
    let deep: unknown = ours;
    for (let index = 0; index < 900; index++) deep = new Error("x", { cause: deep });
    expect(findGuardError(deep)).toBe(ours);
    const endless: object = new Proxy({}, { get: () => new Proxy({}, { get: () => endless }) });
    expect(findGuardError(endless)).toBeUndefined();
    const more: ProxyHandler<object> = { get: () => new Proxy({}, more) };
    expect(findGuardError(new Proxy({}, more))).toBeUndefined();
  });

  it.each(HOSTILE)("never throws at %s, and finds what is beside it", (_, value) => {
    expect(findGuardError(value)).toBeUndefined();
    expect(findGuardError([value, { cause: value, error: ours }])).toBe(ours);
  });

  it("finds it wherever it is hidden, whatever is around it", () => {
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constant(ours),
        fc.array(tie("tree"), { maxLength: 3 }).map((list) => [...list, { error: ours }]),
        tie("tree").map((inner) => new Error("x", { cause: inner })),
        tie("tree").map((inner) => ({ lastError: inner, noise: [1, 2] })),
        fc.tuple(fc.anything(), tie("tree")).map(([noise, inner]) => [noise, { reason: inner }]),
      ),
    }));
    fc.assert(fc.property(tree, (value) => findGuardError(value) === ours));
    fc.assert(fc.property(fc.anything(), (value) => findGuardError(value) === undefined));
  });
});

describe("our errors", () => {
  it.each([
    [KilledError, "BR1001"],
    [BudgetExceededError, "BR2001"],
    [UnknownPriceError, "BR2002"],
    [PolicyDeniedError, "BR3001"],
    [ApprovalDeniedError, "BR3002"],
    [ApprovalTimeoutError, "BR3003"],
    [RateLimitedError, "BR4001"],
    [ConcurrencyLimitedError, "BR4002"],
    [LoopDetectedError, "BR4003"],
    [DelegationDepthError, "BR4004"],
    [CircuitOpenError, "BR5001"],
    [EvaluationFailedError, "BR6001"],
    [ToolQuarantinedError, "BR7001"],
    [StoreUnavailableError, "BR8001"],
    [ConfigError, "BR9001"],
  ])("%o are one family, say their code and are never worth a retry", (Class, code) => {
    const error = new Class({ message: "what, which, how much", scope: "s", details: { a: 1 } });
    expect(error).toBeInstanceOf(GuardError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(Class.name);
    expect(error.message).toBe(`${code} what, which, how much`);
    expect(error).toMatchObject({ code, retryable: false, scope: "s", details: { a: 1 } });
    expect(error.docs).toBe(`docs/errors.md#${code.toLowerCase()}`);
  });
});
