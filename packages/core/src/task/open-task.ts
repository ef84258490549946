import { type ContextFrame, currentFrame, runInFrame } from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import { isGuardError } from "../errors/guard-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { SliOutcome } from "../sli/sli.ts";
import type { OpenTask, TaskInfo } from "./task.ts";

/** How a task ended, as its opener says. */
type TaskEnd = NonNullable<Parameters<OpenTask["end"]>[0]>;

/** Opens a task inside the current frame: a new id, a longer path of tasks, a merged context. */
export function openTask(guard: GuardRuntime, info: TaskInfo): OpenTask {
  const { name, input, ...context } = info;
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
  let ended: Promise<void> | undefined;

  async function finish(end: TaskEnd): Promise<void> {
    guard.tasks.end(id);
    const outcome = stated ?? outcomeOf(end);
    const durationMs = clock.monotonicMs() - startedMs;
    const { costNanoUsd } = running;
    const depth = (frame.context.agent?.split("/").length ?? 1) - 1;
    const atMs = clock.wallMs();
    guard.sli.recordTask({ context: frame.context, outcome, costNanoUsd, durationMs, depth, atMs });
    const event = { id, name, context: frame.context, outcome, costNanoUsd, durationMs };
    guard.emitter.emit("task-ended", event);
    if (end.error !== undefined || end.aborted === true) return;
    const failure = await guard.evaluations.judgeTask(frame, id, input, end.output);
    if (failure !== undefined) throw failure;
  }

  return {
    id,
    name,
    fail: () => {
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
  if (end.error === undefined) return "good";
  if (isGuardError(end.error) || findGuardError(end.error) !== undefined) return "bad";
  return isAbort(end.error) ? "excluded" : "bad";
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
