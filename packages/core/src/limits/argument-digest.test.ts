import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentDigest } from "./argument-digest.ts";

const digest = new ArgumentDigest();

function of(input: unknown): number | undefined {
  return digest.of("server", "tool", input);
}

/** The same data with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, held]) => [key, reordered(held)]);
  return Object.fromEntries(entries.reverse());
}

describe("two tool calls", () => {
  it("are the same when tool and arguments are, in whatever order their keys come", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(of(structuredClone(value))).toBe(of(value));
        expect(of(reordered(value))).toBe(of(value));
      }),
    );
  });

  it("differ when their arguments do", () => {
    const canonical = (value: unknown): string => JSON.stringify(sorted(value));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(of(one) === of(other)).toBe(canonical(one) === canonical(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ],
    [
      { a: { b: 1 }, c: 1 },
      { a: 1, c: { b: 1 } },
    ],
    [
      ["ab", "c"],
      ["a", "bc"],
    ],
    [[[], []], [[[]]]],
    ["1", 1],
    [{}, []],
    [null, {}],
    [1, 1n],
    [
      [1, 2],
      [2, 1],
    ],
    [{ ab: "c" }, { a: "bc" }],
  ])("that only look alike are different (%#)", (one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  it("differ between tools, and between servers", () => {
    const calls = [
      digest.of("a", "b", 1),
      digest.of("a", "c", 1),
      digest.of("c", "b", 1),
      digest.of(undefined, "b", 1),
    ];
    expect(new Set(calls).size).toBe(4);
  });

  it("do not collide among 200,000 that are much alike", () => {
    const seen = new Set<number | undefined>();
    for (let page = 0; page < 200_000; page++) seen.add(of({ query: "x", page }));
    expect(seen.size).toBe(200_000);
  });

  it("have another number in another process: its key is its own", () => {
    expect(new ArgumentDigest().of("server", "tool", 1)).not.toBe(of(1));
  });
});

describe("arguments that cannot be compared", () => {
  const throwing = (): never => {
    throw new Error("hostile");
  };
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  it.each<[string, unknown]>([
    ["a getter that throws", Object.defineProperty({}, "x", { get: throwing, enumerable: true })],
    ["a Proxy that throws", new Proxy({}, { ownKeys: throwing })],
    ["a Proxy whose prototype throws", new Proxy({}, { getPrototypeOf: throwing })],
    ["a revoked Proxy", { deep: [revoked.proxy] }],
    ["a cycle", cycle],
    ["a text of a megabyte", "x".repeat(1_000_000)],
    ["a list of a million", Array.from({ length: 1_000_000 }, () => 0)],
    ["many short lists", Array.from({ length: 900 }, () => [1])],
    ["an instance of a class", new Date(0)],
    ["a map", new Map([[1, 2]])],
    ["a function", { run: () => 0 }],
    ["a symbol", Symbol("x")],
  ])("%s throws nothing and is not counted", (_, input) => {
    expect(of(input)).toBeUndefined();
  });

  it("are bounded in what they cost", () => {
    let reads = 0;
    const endless: unknown = new Proxy([], {
      get: (target, key) => {
        reads++;
        return key === "length" ? 900 : (Reflect.get(target, key) ?? endless);
      },
    });
    expect(of(endless)).toBeUndefined();
    expect(reads).toBeLessThan(10_000);
  });

  it("are few: whatever fits in JSON, BigInt and undefined can be", () => {
    expect(of({ big: 2n ** 70n, none: undefined })).toBe(of({ big: 2n ** 70n }));
    expect(of({ big: -1n })).not.toBe(of({ big: 1n }));
    expect(of({ big: 2n ** 64n })).not.toBe(of({ big: 0n }));
    expect(of({ big: 2n ** 1_000n })).not.toBe(of({ big: 2n ** 1_001n }));
    expect(of({ big: 2n ** 100_000n })).toBeUndefined();
    expect(of(-0)).toBe(of(0));
    expect(of(undefined)).toBe(of(null));
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, held]) => [key, sorted(held)]).concat([["object"]]);
}
