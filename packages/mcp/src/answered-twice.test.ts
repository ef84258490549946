import { setImmediate } from "node:timers/promises";
import { findGuardError } from "@burnrate/core";
import { CallToolResultSchema, CreateTaskResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { guardTransport } from "./guard-transport.ts";
import type { McpTransport, Message } from "./mcp-transport.ts";
import { read } from "./shape.ts";
import { generations } from "./testing/generations.ts";
import { modernWorld } from "./testing/modern.ts";
import { taskWorld } from "./testing/task-world.ts";
import { money, thrownBy, watchedGuard } from "./testing/watched-guard.ts";

/** Refuses what a tool says, but not at once. */
function refusing(word: string): NonNullable<Parameters<typeof watchedGuard>[0]> {
  const evaluate = async ({ output }: { readonly output: unknown }) => {
    await setImmediate();
    return { passed: !JSON.stringify(output).includes(word) };
  };
  return { evaluators: [{ name: `no-${word}`, on: "tool" as const, required: true, evaluate }] };
}

test.each(generations)(
  "a server that answers twice does not slip by a required evaluator ($name)",
  async (generation) => {
    const { guard, records } = watchedGuard(refusing("echo"));
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(
        hearing(transport, (message) => [message, message]),
        guard,
      ),
    );
    const error = await thrownBy(() => connection.callTool(connection.client, "echo"));
    expect(findGuardError(error)?.code).toBe("BR6001");
    expect(records).toHaveLength(1);
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
    expect((await connection.callTool(connection.client, "fail")).isError).toBe(true);
  },
);

test.each(generations)(
  "an answer in the legacy protocol that says it needs input is an answer, and is judged ($name)",
  async (generation) => {
    const { guard, records } = watchedGuard(refusing("echo"));
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(hearing(transport, askingForInput), guard, { costs: { "*": 1 } }),
    );
    const error = await thrownBy(() => connection.callTool(connection.client, "echo"));
    expect(findGuardError(error)?.code).toBe("BR6001");
    expect(records).toHaveLength(1);
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
  },
);

test("a modern server that asks for input after it has answered starts no round that nobody judges", async () => {
  const { guard, records } = watchedGuard(refusing("deployed"));
  const answerAndAsk = (message: Message): Message[] => {
    const isAnswer = read(message["result"], "content") !== undefined;
    const result = { resultType: "input_required", requestState: "once more" };
    return isAnswer ? [message, { ...message, result }] : [message];
  };
  const world = await modernWorld((transport) =>
    guardTransport(hearing(transport, answerAndAsk), guard),
  );
  const params = { name: "deploy", arguments: { to: "later" } };
  const error = await thrownBy(() => world.client.callTool(params));
  expect(findGuardError(error)?.code).toBe("BR6001");
  expect(world.rounds()).toBe(2);
  expect(records).toHaveLength(1);
  await world.close();
});

test.each(["client", "transport", "both"] as const)(
  "a task's result that a required evaluator refuses is refused whoever asks, now or again (%s)",
  async (hook) => {
    const world = await taskWorld(
      {},
      {
        hook,
        guard: refusing("done"),
        wire: (end) => hearing(end, (message) => [message, message]),
      },
    );
    world.finish({ content: [{ type: "text", text: "done" }] });
    const params = { name: "slow", arguments: {}, task: { ttl: 60_000 } };
    const request = { method: "tools/call" as const, params };
    const { task } = await world.client.request(request, CreateTaskResultSchema);
    const { tasks } = world.client.experimental;
    const ask = (): Promise<unknown> =>
      thrownBy(() => tasks.getTaskResult(task.taskId, CallToolResultSchema));
    const errors = [...(await Promise.all([ask(), ask()])), await ask()];
    expect(errors.map((error) => findGuardError(error)?.code)).toEqual(
      Array.from({ length: 3 }, () => "BR6001"),
    );
    expect(world.records).toHaveLength(1);
  },
);

function askingForInput(message: Message): Message[] {
  const result = message["result"];
  const marked = { ...(result as Message), resultType: "input_required", requestState: "again" };
  return read(result, "content") === undefined ? [message] : [{ ...message, result: marked }];
}

/** What is heard of a server, for each message that it sends. */
function hearing<T extends McpTransport>(transport: T, heard: (message: Message) => Message[]): T {
  return new Proxy(transport, {
    set(target, key, value) {
      const listener = (message: Message, extra: unknown): void => {
        for (const one of heard(message)) value(one, extra);
      };
      return Reflect.set(target, key, key === "onmessage" ? listener : value);
    },
  });
}
