import { isDeepStrictEqual } from "node:util";
import { isGuardError } from "@burnrate/core";
import type { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generations } from "./testing/generations.ts";
import { money, watchedGuard } from "./testing/watched-guard.ts";

const RUNS = 1_000;
const HUGE = "x".repeat(100_000);
/** What no server answers ends by the SDK's own time-out. */
const TIMEOUT_MS = 15;
const LONG_TIMEOUT_MS = 2_000;
const MINUTE_MS = 60_000;

/**
 * Objects that misbehave when they are read; made inside a run, because fast-check reads values,
 * too.
 */
const hostile = {
  "a proxy that throws": () => new Proxy({}, { get: fail, ownKeys: fail, has: fail }),
  "a getter for name": () => Object.defineProperty({}, "name", { get: fail, enumerable: true }),
  "a getter for method": () => Object.defineProperty({}, "method", { get: fail, enumerable: true }),
  "a huge name": () => ({ name: HUGE, arguments: { text: HUGE } }),
  "an empty name": () => ({ name: "", arguments: {} }),
  "a name with control characters": () => ({ name: "echo\u0000\n\u001b[2J" }),
  "a name that is an object": () => ({ name: { toString: fail, valueOf: fail } }),
  "a name that is a symbol": () => ({ name: Symbol("echo") }),
  "a name in a String object": () => ({ name: Object("echo"), arguments: { text: "1" } }),
  "a cycle": cyclic,
  "a date that is none, and null in JSON": () => new Date(Number.NaN),
  "an object that JSON leaves out": () => ({ toJSON: () => undefined }),
};
type Hostile = keyof typeof hostile;
type AnyParams = { readonly kind: Hostile } | { readonly value: unknown };

const anyValue = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true });
const anyParams = fc.oneof(
  fc.constantFrom(...(Object.keys(hostile) as Hostile[])).map((kind) => ({ kind })),
  anyValue.map((value) => ({ value })),
  fc
    .record(
      { name: fc.oneof(fc.constant("echo"), anyValue), arguments: anyValue },
      { requiredKeys: [] },
    )
    .map((value) => ({ value })),
);

describe.each(generations)("$name", (generation) => {
  test.each(["callTool", "request"] as const)(
    `${RUNS} fuzzed parameters of %s: what the SDK throws without a guard, and nothing held`,
    async (via) => {
      const { guard } = watchedGuard({ budgets: ["$1000000/day"] });
      const connection = await generation.connect();
      const client = guardClient(connection.client as Client1, guard, { costs: { echo: 0.001 } });
      const call = (through: unknown, params: unknown, timeout: number): Promise<unknown> => {
        const first = via === "callTool" ? params : { method: "tools/call", params };
        const schema = via === "request" ? CallToolResultSchema : undefined;
        const rest = generation.name === "SDK 1" ? [schema, { timeout }] : [{ timeout }];
        return ending(through, via, [first, ...rest]);
      };
      const both = async (params: AnyParams, timeout: number): Promise<unknown[]> => {
        const bare = await call(connection.client, readValue(params), timeout);
        return [bare, await call(client, readValue(params), timeout)];
      };
      const property = fc.asyncProperty(anyParams, async (params) => {
        let [bare, ours] = await both(params, TIMEOUT_MS);
        // On a busy machine one of the two may have been late.
        if (!isDeepStrictEqual(bare, ours)) [bare, ours] = await both(params, LONG_TIMEOUT_MS);
        expect(ours).toEqual(bare);
        expect((await money(guard)).held).toBe(0);
      });
      await fc.assert(property, { numRuns: RUNS });
    },
    MINUTE_MS,
  );
});

test(`${RUNS} fuzzed answers and errors come through as they are, and nothing stays held`, async () => {
  const { guard, records } = watchedGuard();
  const property = fc.asyncProperty(anyParams, fc.boolean(), async (params, fails) => {
    const value = readValue(params);
    const act = async (): Promise<unknown> => {
      if (fails) throw value;
      return [value]; // a promise would look for `then`
    };
    const denyMode = fails ? "result" : "throw";
    const client = guardClient({ callTool: act, request: act }, guard, { denyMode });
    const { seen } = await client.callTool().then(
      (result) => ({ seen: (result as unknown[])[0] }),
      (error: unknown) => ({ seen: error }),
    );
    expect(Object.is(seen, value)).toBe(true);
    expect((await money(guard)).held).toBe(0);
  });
  await fc.assert(property, { numRuns: RUNS });
  expect(records).toHaveLength(RUNS);
});

/** How a call ends, as far as two calls can be compared: ids and times in messages differ. */
async function ending(client: unknown, method: string, args: unknown[]): Promise<unknown> {
  try {
    const answer = await (client as Record<string, Method>)[method]?.(...args);
    return { isError: (answer as { isError?: boolean }).isError === true };
  } catch (error) {
    expect(isGuardError(error)).toBe(false);
    const { name, code } = error as { name: string; code?: unknown };
    return { name, code };
  }
}

type Method = (...args: unknown[]) => unknown;

function readValue(params: AnyParams): unknown {
  return "kind" in params ? hostile[params.kind]() : params.value;
}

function fail(): never {
  throw new RangeError("hostile");
}

function cyclic(): unknown {
  const params: Record<string, unknown> = { name: "echo" };
  params["arguments"] = params;
  return params;
}
