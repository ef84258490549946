import { findGuardError } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { CallToolResultSchema, CreateTaskResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type TaskWorld, taskWorld } from "./testing/task-world.ts";
import { killAll, money, thrownBy, until } from "./testing/watched-guard.ts";

const COST = { costs: { slow: 1 } };
const SPENT = 1_000_000_000;
const DONE = { content: [{ type: "text" as const, text: "done" }] };

describe.each(["client", "transport", "both"] as const)(
  "a task that is asked for, guarded by %s",
  (hook) => {
    test("is one call from its start to its result", async () => {
      const world = await taskWorld(COST, { hook });
      const taskId = await start(world);
      expect(world.records).toEqual([]);
      expect(await money(world.guard)).toEqual({ held: SPENT, spent: 0 });
      const { tasks } = world.client.experimental;
      expect((await tasks.getTask(taskId)).status).toBe("working");
      const result = tasks.getTaskResult(taskId, CallToolResultSchema);
      await world.end(DONE);
      expect((await result).content).toEqual(DONE.content);
      expect(await tasks.getTaskResult(taskId, CallToolResultSchema)).toMatchObject(DONE);
      expect(world.records.map(({ name, outcome }) => [name, outcome])).toEqual([
        ["slow", "success"],
      ]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("whose result says isError is a failed call", async () => {
      const world = await taskWorld(COST, { hook });
      const taskId = await start(world);
      await world.end({ content: [], isError: true });
      await world.client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
      expect(world.records.map((record) => record.outcome)).toEqual(["tool-error"]);
    });

    test.each(["completed", "failed"] as const)(
      "ends when it is seen to be %s, fetched or not",
      async (status) => {
        const world = await taskWorld(COST, { hook });
        const taskId = await start(world);
        await world.end(DONE, status);
        expect((await world.client.experimental.tasks.getTask(taskId)).status).toBe(status);
        const outcome = status === "completed" ? "success" : "failed";
        expect(world.records.map((record) => record.outcome)).toEqual([outcome]);
        expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
      },
    );

    test("that the application cancels is aborted, and charged", async () => {
      const world = await taskWorld(COST, { hook });
      const taskId = await start(world);
      await world.client.experimental.tasks.cancelTask(taskId);
      expect(world.records.map((record) => record.outcome)).toEqual(["aborted"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("that the server knows no more has failed, whether it is polled or fetched", async () => {
      const world = await taskWorld(COST, { hook });
      const { tasks } = world.client.experimental;
      for (const ask of [
        (taskId: string) => tasks.getTask(taskId),
        (taskId: string) => tasks.getTaskResult(taskId, CallToolResultSchema),
      ]) {
        const taskId = await start(world);
        world.forget();
        expect(await thrownBy(() => ask(taskId))).toMatchObject({ code: -32_602 });
      }
      expect(world.records.map((record) => record.outcome)).toEqual(["failed", "failed"]);
      expect(await money(world.guard)).toEqual({ held: 0, spent: 2 * SPENT });
    });

    test("that cannot be cancelled goes on, and has its result", async () => {
      const world = await taskWorld(COST, { hook });
      const { tasks } = world.client.experimental;
      const taskId = await start(world);
      await world.end(DONE);
      expect(await thrownBy(() => tasks.cancelTask(taskId))).toMatchObject({ code: -32_602 });
      await tasks.getTaskResult(taskId, CallToolResultSchema);
      expect(world.records.map((record) => record.outcome)).toEqual(["success"]);
    });

    test("is cut by a kill: whoever waits gets our error, the server's task is cancelled", async () => {
      const world = await taskWorld(COST, { hook });
      const taskId = await start(world);
      const { tasks } = world.client.experimental;
      const waiting = thrownBy(() => tasks.getTaskResult(taskId, CallToolResultSchema));
      await until(async () => (await world.statuses()).includes("working"));
      await killAll(world.guard, "abort");
      expect(findGuardError(await waiting)?.code).toBe("BR1001");
      expect(world.records.map((record) => record.outcome)).toEqual(["killed"]);
      await until(async () => (await world.statuses()).includes("cancelled"));
      expect(findGuardError(await thrownBy(() => tasks.getTask(taskId)))?.code).toBe("BR1001");
      expect(findGuardError(await thrownBy(() => start(world)))?.code).toBe("BR1001");
      expect(world.created()).toBe(1);
      expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
    });

    test("whose result a required evaluator refuses is withheld", async () => {
      const evaluate = (): { passed: boolean } => ({ passed: false });
      const evaluators = [{ name: "never", on: "tool" as const, required: true, evaluate }];
      const world = await taskWorld(COST, { hook, guard: { evaluators } });
      const taskId = await start(world);
      await world.end(DONE);
      const { tasks } = world.client.experimental;
      expect((await tasks.getTask(taskId)).status).toBe("completed");
      const refused = await thrownBy(() => tasks.getTaskResult(taskId, CallToolResultSchema));
      expect(findGuardError(refused)?.code).toBe("BR6001");
    });

    test("is answered for the model when it is cut, with denyMode result", async () => {
      const world = await taskWorld({ ...COST, denyMode: "result" }, { hook });
      const taskId = await start(world);
      const { tasks } = world.client.experimental;
      const waiting = tasks.getTaskResult(taskId, CallToolResultSchema);
      await killAll(world.guard, "abort");
      expect(await waiting).toMatchObject({ isError: true });
      expect(findGuardError(await thrownBy(() => tasks.getTask(taskId)))?.code).toBe("BR1001");
    });

    test("lives as long as somebody asks after it", async () => {
      const clock = createFakeClock();
      const world = await taskWorld(COST, { hook, guard: { clock } });
      const taskId = await start(world);
      for (let poll = 0; poll < 5; poll += 1) {
        clock.advance(400_000);
        await world.client.experimental.tasks.getTask(taskId);
      }
      expect(await money(world.guard)).toEqual({ held: SPENT, spent: 0 });
      await world.end(DONE);
      await world.client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
      expect(world.records.map((record) => record.outcome)).toEqual(["success"]);
    });
  },
);

test("a task may be asked after through another wrapper of the same client", async () => {
  const world = await taskWorld(COST);
  const taskId = await start(world);
  await world.end(DONE);
  await guardClient(world.client, world.guard).experimental.tasks.getTask(taskId);
  expect(world.records.map((record) => record.outcome)).toEqual(["success"]);
});

describe.each(["transport", "both"] as const)("a task stream, guarded by %s", (hook) => {
  test("is one call", async () => {
    const world = await taskWorld(COST, { hook });
    world.finish(DONE);
    const { tasks } = world.client.experimental;
    const options = { task: {} };
    const types: string[] = [];
    const params = { name: "slow", arguments: {} };
    for await (const { type } of tasks.callToolStream(params, CallToolResultSchema, options)) {
      types.push(type);
    }
    expect(types.at(-1)).toBe("result");
    expect(world.records.map((record) => record.outcome)).toEqual(["success"]);
    expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
  });
});

test("a task, guarded by transport, is a connection error when the connection closes", async () => {
  const world = await taskWorld(COST, { hook: "transport" });
  await start(world);
  await world.client.close();
  await until(() => world.records.length === 1);
  expect(world.records[0]?.outcome).toBe("connection-error");
  expect(await money(world.guard)).toEqual({ held: 0, spent: SPENT });
});

/** Asks for a task by a plain request, as an application does that polls by itself. */
async function start({ client }: TaskWorld): Promise<string> {
  const request = { method: "tools/call" as const, params: { name: "slow", arguments: {} } };
  const { task } = await client.request(request, CreateTaskResultSchema, { task: {} });
  return task.taskId;
}
