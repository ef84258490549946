import { expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { watchedGuard } from "./testing/watched-guard.ts";

const { guard } = watchedGuard();
const client = { callTool: async () => ({}), request: async () => ({}) };

test.each([
  [{ cost: {} }, '"cost"', 'Did you mean "costs"?'],
  [{ denymode: "throw" }, '"denymode"', 'Did you mean "denyMode"?'],
  [{ denyMode: "results" }, "guardClient.denyMode", 'Did you mean "result"?'],
  [{ denyMode: 1 }, "guardClient.denyMode", 'one of "throw", "result"; got 1'],
  [{ server: "" }, "guardClient.server", "at most 500 characters, no control characters"],
  [{ server: 7 }, "guardClient.server", "a non-empty string"],
])("%j is refused with a message that names what is wrong", (options, ...parts) => {
  const error = thrown(() => guardClient(client, guard, options as never));
  expect(error).toMatchObject({ code: "BR9001" });
  for (const part of parts) expect((error as Error).message).toContain(part);
});

test("an option set to undefined counts as left out", () => {
  const options = { server: undefined, costs: undefined, denyMode: undefined };
  expect(guardClient(client, guard, options as never)).toBeDefined();
});

test("no options, no client or no guard is a ConfigError, too", () => {
  const bad: [unknown, unknown, unknown][] = [
    [client, guard, null],
    [client, guard, "server"],
    [null, guard, {}],
    [{}, guard, {}],
    [client, {}, {}],
    [client, undefined, {}],
  ];
  for (const args of bad) {
    expect(thrown(() => guardClient(...(args as [never, never, never])))).toMatchObject({
      code: "BR9001",
    });
  }
});

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
