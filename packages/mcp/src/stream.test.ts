import { findGuardError } from "@burnrate/core";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { taskWorld } from "./testing/task-world.ts";
import { killAll, money, thrownBy, until } from "./testing/watched-guard.ts";

const COST = { costs: { slow: 1 } };
const SPENT = 1_000_000_000;

describe.each(["callToolStream", "requestStream", "protocol"] as const)(
  "a task stream by %s",
  (via) => {
    test("settles with its result", async () => {
      const world = await taskWorld(COST);
      const messages = stream(world.client, via);
      world.finish({ content: [{ type: "text", text: "done" }] });
      const types: string[] = [];
      for await (const message of messages) types.push(message.type);
      expect(types.at(0)).toBe("taskCreated");
      expect(types.at(-1)).toBe("result");
      expect(world.records.map(({ name, outcome }) => [name, outcome])).toEqual([
        ["slow", "success"],
      ]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("that ends with isError is a failed call", async () => {
      const world = await taskWorld(COST);
      world.finish({ content: [], isError: true });
      for await (const _ of stream(world.client, via));
      expect(world.records.map((record) => record.outcome)).toEqual(["tool-error"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("whose task fails is told as the SDK tells it, and charged", async () => {
      const world = await taskWorld(COST);
      world.finish({ content: [] }, "failed");
      const types: string[] = [];
      for await (const message of stream(world.client, via)) types.push(message.type);
      expect(types.at(-1)).toBe("error");
      expect(world.records.map((record) => record.outcome)).toEqual(["failed"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("is refused before anything is sent", async () => {
      const world = await taskWorld(COST);
      await killAll(world.guard);
      const error = await thrownBy(() => stream(world.client, via).next());
      expect(findGuardError(error)?.code).toBe("BR1001");
      expect(world.created()).toBe(0);
      expect(await money(world.guard)).toEqual({ held: 0, spent: 0 });
    });

    test("ends with a refusal for the model when asked to", async () => {
      const world = await taskWorld({ denyMode: "result" });
      await killAll(world.guard);
      const messages = [];
      for await (const message of stream(world.client, via)) messages.push(message);
      const text = world.refused[0]?.message;
      const result = { isError: true, content: [{ type: "text", text }] };
      expect(messages).toEqual([{ type: "result", result }]);
      expect(world.created()).toBe(0);
    });

    test("is cut by a kill between two polls, and the server's task is cancelled", async () => {
      const world = await taskWorld(COST, { pollInterval: 3_600_000 });
      const messages = stream(world.client, via);
      expect((await messages.next()).value).toMatchObject({ type: "taskCreated" });
      expect((await messages.next()).value).toMatchObject({ type: "taskStatus" });
      const next = thrownBy(() => messages.next());
      await killAll(world.guard, "abort");
      expect(findGuardError(await next)?.code).toBe("BR1001");
      expect(world.records.map((record) => record.outcome)).toEqual(["killed"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
      await until(async () => (await world.statuses()).includes("cancelled"));
      expect(findGuardError(await thrownBy(() => stream(world.client, via).next()))?.code).toBe(
        "BR1001",
      );
      expect(world.created()).toBe(1);
    });

    test("settles when its consumer leaves", async () => {
      const world = await taskWorld(COST, { pollInterval: 3_600_000 });
      for await (const message of stream(world.client, via))
        if (message.type === "taskStatus") break;
      expect(world.records.map((record) => record.outcome)).toEqual(["abandoned"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("that nobody pulls sends nothing and holds nothing", async () => {
      const world = await taskWorld(COST);
      stream(world.client, via);
      expect(world.created()).toBe(0);
      expect(await money(world.guard)).toEqual({ held: 0, spent: 0 });
    });

    test("is ended by the caller's abort, and is nobody's error", async () => {
      const world = await taskWorld(COST);
      const stop = new AbortController();
      const messages = stream(world.client, via, stop.signal);
      await messages.next();
      stop.abort();
      for await (const _ of messages);
      expect(world.records.map((record) => record.outcome)).toEqual(["aborted"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("that ends by the SDK's time-out is a timeout", async () => {
      const world = await taskWorld(COST, { stalls: true });
      const types: string[] = [];
      for await (const message of stream(world.client, via, undefined, 5)) types.push(message.type);
      expect(types).toEqual(["error"]);
      expect(world.records.map((record) => record.outcome)).toEqual(["timeout"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("that was aborted beforehand is not sent and costs nothing", async () => {
      const world = await taskWorld(COST);
      const messages = [];
      for await (const message of stream(world.client, via, AbortSignal.abort()))
        messages.push(message);
      expect(messages.map((message) => message.type)).toEqual(["error"]);
      expect(world.created()).toBe(0);
      expect(await money(world.guard)).toEqual({ held: 0, spent: 0 });
    });
  },
);

test("streams of other requests, and the other task methods, pass unmeasured", async () => {
  const world = await taskWorld({});
  await killAll(world.guard);
  const { tasks } = world.client.experimental;
  const types: string[] = [];
  const pages = tasks.requestStream({ method: "ping" }, CallToolResultSchema.partial());
  for await (const message of pages) types.push(message.type);
  expect(types).toEqual(["result"]);
  expect((await tasks.listTasks()).tasks).toEqual([]);
  expect(tasks).toBe(world.client.experimental.tasks);
  expect(world.refused).toEqual([]);
});

type Via = "callToolStream" | "requestStream" | "protocol";

/** The message stream of one task call: by the public methods, or by the one behind them. */
function stream(client: Client, via: Via, signal?: AbortSignal, timeout = 60_000) {
  const params = { name: "slow", arguments: {} };
  const options = { task: {}, timeout, ...(signal && { signal }) };
  const { tasks } = client.experimental;
  if (via === "callToolStream") return tasks.callToolStream(params, CallToolResultSchema, options);
  const owner = via === "protocol" ? (client as unknown as typeof tasks) : tasks;
  return owner.requestStream({ method: "tools/call", params }, CallToolResultSchema, options);
}
