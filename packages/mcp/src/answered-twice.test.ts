import { setImmediate } from "node:timers/promises";
import { findGuardError } from "@burnrate/core";
import { expect, test } from "vitest";
import { guardTransport } from "./guard-transport.ts";
import type { McpTransport } from "./mcp-transport.ts";
import { generations } from "./testing/generations.ts";
import { money, thrownBy, watchedGuard } from "./testing/watched-guard.ts";

test.each(generations)(
  "a server that answers twice does not slip by a required evaluator ($name)",
  async (generation) => {
    const evaluate = async ({ output }: { readonly output: unknown }) => {
      await setImmediate();
      return { passed: !JSON.stringify(output).includes("echo") };
    };
    const evaluators = [{ name: "no-echo", on: "tool" as const, required: true, evaluate }];
    const { guard, records } = watchedGuard({ evaluators });
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(answeringTwice(transport), guard),
    );
    const error = await thrownBy(() => connection.callTool(connection.client, "echo"));
    expect(findGuardError(error)?.code).toBe("BR6001");
    expect(records).toHaveLength(1);
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
    expect((await connection.callTool(connection.client, "fail")).isError).toBe(true);
  },
);

/** Hands every message of the server on twice. */
function answeringTwice<T extends McpTransport>(transport: T): T {
  return new Proxy(transport, {
    set(target, key, value) {
      const twice = (...args: unknown[]): void => {
        value(...args);
        value(...args);
      };
      return Reflect.set(target, key, key === "onmessage" ? twice : value);
    },
  });
}
