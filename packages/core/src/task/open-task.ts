import type { CallContext } from "../context/call-context.ts";
import { type ContextFrame, currentFrame, runInFrame } from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import { isGuardError } from "../errors/guard-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { SliOutcome } from "../sli/sli.ts";
import type { OpenTask, TaskInfo } from "./task.ts";
import { type CheckedTaskInfo, checkTaskInfo } from "./task-info.ts";

/** How a task ended, as its opener says. */
type TaskEnd = NonNullable<Parameters<OpenTask["end"]>[0]>;

/** Longest reason of `task.fail` that is told. */
const MAX_REASON = 500;

/**
 * Opens a task inside the current frame: a new id, a longer path of tasks, a merged context.
 * @throws {ConfigError} `BR9001` when its info is wrong or changes who pays.
 */
export function openTask(guard: GuardRuntime, info: TaskInfo): OpenTask {
  return startTask(guard, checkTaskInfo(info));
}

/** The same for info that was checked already. */
export function startTask(guard: GuardRuntime, info: CheckedTaskInfo): OpenTask {
  const { name, input, context } = info;
  const { clock, ids } = guard.options;
  const outer = currentFrame();
  const id = ids.next();
  const frame: ContextFrame = Object.freeze({
    context: extendContext(outer.context, { ...context, task: id }),
    tasks: Object.freeze([...outer.tasks, id]),
    purpose: outer.purpose,
  });
  const running = guard.tasks.start(id, guard.killSwitch.version);
  const startedMs = clock.monotonicMs();
  let stated: SliOutcome | undefined;
  let reason: string | undefined;
  let ended: Promise<void> | undefined;

  async function finish(end: TaskEnd): Promise<void> {
    guard.tasks.end(id);
    const durationMs = clock.monotonicMs() - startedMs;
    const atMs = clock.wallMs();
    const failure =
      "error" in end || end.aborted === true
        ? undefined
        : await guard.evaluations.judgeTask(frame, id, input, end.output);
    const outcome = stated ?? (failure === undefined ? outcomeOf(end) : "bad");
    const { costNanoUsd } = running;
    const { context } = frame;
    const depth = depthOf(context);
    if (frame.purpose === "agent") {
      guard.sli.recordTask({ context, outcome, costNanoUsd, durationMs, depth, atMs });
    }
    guard.emitter.emit("task-ended", {
      id,
      name,
      context,
      outcome,
      reason,
      costNanoUsd,
      durationMs,
    });
    if (failure !== undefined) throw failure;
  }

  return {
    id,
    name,
    fail: (why) => {
      if (stated === undefined && typeof why === "string") reason = why.slice(0, MAX_REASON);
      stated ??= "bad";
    },
    exclude: () => {
      stated ??= "excluded";
    },
    run: (fn) => runInFrame(frame, fn),
    end: (end = {}) => {
      ended ??= finish(end);
      return ended;
    },
  };
}

/** A refusal that ends a task makes it bad; a caller's own abort says nothing about it. */
function outcomeOf(end: TaskEnd): SliOutcome {
  if (end.aborted === true) return "excluded";
  if (!("error" in end)) return "good";
  if (isGuardError(end.error) || findGuardError(end.error) !== undefined) return "bad";
  return isAbort(end.error) ? "excluded" : "bad";
}

function isAbort(error: unknown): boolean {
  try {
    return error instanceof Error && error.name === "AbortError";
  } catch {
    return false; // a Proxy that throws is nobody's abort
  }
}

/** How many agents are above the one of a context. */
export function depthOf({ agent }: CallContext): number {
  return (agent?.split("/").length ?? 1) - 1;
}
