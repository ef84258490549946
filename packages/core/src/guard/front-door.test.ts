import { expect, it } from "vitest";
import type { TaskInfo } from "../index.ts";
import { codeOf, model, setUp, WHY } from "./test-fixture.ts";

const broken = (): never => {
  throw new Error("hostile");
};

it("a task that a kill covers is refused, told and counted as bad", async () => {
  const { guard } = setUp();
  const refused: unknown[] = [];
  guard.on("task-refused", ({ name, code }) => refused.push([name, code]));
  await guard.kill("everything", WHY);
  expect(await codeOf(guard.task({ name: "refund" }, () => "ran"))).toBe("BR1001");
  expect(refused).toEqual([["refund", "BR1001"]]);
  expect(guard.metrics().totals.slis.task_success).toMatchObject({ good: 0, bad: 1 });
});

it("nonsense as a task is refused with a ConfigError", async () => {
  const { guard } = setUp();
  const unreadable = Object.defineProperty({}, "agent", { get: broken, enumerable: true });
  for (const info of [null, 5, new Proxy({}, { ownKeys: broken }), unreadable, { task: "t" }]) {
    expect(await codeOf(guard.task(info as TaskInfo, () => 1))).toBe("BR9001");
  }
  expect(await codeOf(guard.task({}, undefined as never))).toBe("BR9001");
});

it("work on another process's task begins no task under a drain", async () => {
  const { guard } = setUp();
  await guard.kill("everything", { ...WHY, level: "drain" });
  let ran = false;
  const begin = () =>
    guard.task({}, () => {
      ran = true;
    });
  expect(await codeOf(guard.with({ task: "t-9" }, begin))).toBe("BR1001");
  expect(ran).toBe(false);
});

it("a threshold kills although the ids option fails", async () => {
  let count = 0;
  const { guard } = setUp({
    ids: { next: () => (count++ === 0 ? "call" : broken()) },
    budgets: [{ id: "b", limit: { calls: 2 }, window: "day", at: [{ fraction: 0.5, do: "kill" }] }],
  });
  const permit = await guard.begin(model(1, 1));
  permit.dispatched();
  await permit.settle({});
  expect(guard.kills()).toMatchObject([{ by: "burnrate:threshold" }]);
});
