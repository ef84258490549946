import { checkFunction } from "../config/check-object.ts";
import { currentFrame } from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { killedHere } from "../kill/killed-here.ts";
import { depthOf, startTask } from "./open-task.ts";
import type { Task, TaskInfo } from "./task.ts";
import { type CheckedTaskInfo, checkTaskInfo } from "./task-info.ts";

/**
 * Runs a function as a task: returning is success, throwing is failure. A kill that covers the task
 * refuses it before the function runs, which is an event and a bad task.
 *
 * @throws {ConfigError} `BR9001` for wrong arguments.
 * @throws {KilledError} `BR1001` when a kill covers the task.
 */
export async function runTask<T>(
  guard: GuardRuntime,
  info: TaskInfo,
  fn: (task: Task) => T | Promise<T>,
): Promise<T> {
  checkFunction("task.fn", fn);
  const checked = checkTaskInfo(info);
  if (guard.killSwitch.size > 0) refuseKilled(guard, checked);
  const task = startTask(guard, checked);
  let output: T;
  try {
    output = await task.run(async () => fn(task));
  } catch (error) {
    await task.end({ error });
    throw error;
  }
  await task.end({ output });
  return output;
}

function refuseKilled(guard: GuardRuntime, { name, context: inner }: CheckedTaskInfo): void {
  const outer = currentFrame();
  const frame = { ...outer, context: extendContext(outer.context, inner ?? {}) };
  const error = killedHere(guard, frame);
  if (error === undefined) return;
  const { context, purpose } = frame;
  const atMs = guard.options.clock.wallMs();
  const depth = depthOf(context);
  const { code } = error;
  if (purpose === "agent") {
    const ended = { context, costNanoUsd: 0, durationMs: 0, depth, atMs } as const;
    guard.sli.recordTask({ ...ended, outcome: "bad", endedBy: error });
  }
  guard.emitter.emit("task-refused", { name, context, error, code });
  throw error;
}
