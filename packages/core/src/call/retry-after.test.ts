import { describe, expect, it } from "vitest";
import { retryAfterOf } from "./retry-after.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const LATER = "Thu, 01 Jan 2026 12:00:30 GMT";

describe("how long an error asks to stay away", () => {
  it.each<[string, unknown, number | undefined]>([
    ["AI SDK, seconds", { responseHeaders: { "retry-after": "20" } }, 20_000],
    ["OpenAI SDK, Headers", { headers: new Headers({ "Retry-After": "1.5" }) }, 1_500],
    ["exact milliseconds first", { headers: { "retry-after-ms": "250", "retry-after": "1" } }, 250],
    ["a response's headers", { response: { headers: { "Retry-After": "3" } } }, 3_000],
    ["AWS", { $response: { headers: { "retry-after": "6" } } }, 6_000],
    ["Cohere", { rawResponse: { headers: new Headers({ "retry-after": "7" }) } }, 7_000],
    ["a number", { headers: { "retry-after": 4 } }, 4_000],
    ["a date", { headers: { "retry-after": LATER } }, 30_000],
    [
      "a date in the past",
      { headers: { "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" } },
      undefined,
    ],
    ["a wrapped error", { lastError: { cause: { headers: { "retry-after": "2" } } } }, 2_000],
    ["nonsense", { headers: { "retry-after": "soon" } }, undefined],
    ["a negative number", { headers: { "retry-after": "-5" } }, undefined],
    ["no headers", new Error("no"), undefined],
    ["no object", "429", undefined],
    ["null", null, undefined],
  ])("is read from %s", (_, error, expected) => {
    expect(retryAfterOf(error, NOW)).toBe(expected);
  });

  it("is nothing when the error is hostile", () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("hostile");
        },
      },
    );
    const endless: { cause?: unknown } = {};
    endless.cause = endless;
    expect(retryAfterOf(hostile, NOW)).toBeUndefined();
    expect(retryAfterOf({ headers: hostile }, NOW)).toBeUndefined();
    expect(retryAfterOf(endless, NOW)).toBeUndefined();
  });
});
