import type { CallContext } from "../context/call-context.ts";
import {
  type ContextFrame,
  currentFrame,
  ROOT_FRAME,
  runInFrame,
} from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { EndedTask } from "../sli/recorder.ts";
import type { SliOutcome } from "../sli/sli.ts";
import type { OpenTask, TaskInfo } from "./task.ts";
import { type CheckedTaskInfo, checkTaskInfo } from "./task-info.ts";

/** How a task ended, as its opener says. */
type TaskEnd = NonNullable<Parameters<OpenTask["end"]>[0]>;

/** A task of this copy of core: a call that names it finds its frame without entering it. */
export interface FramedTask extends OpenTask {
  readonly frame: ContextFrame;
}

/** Longest reason of `task.fail` that is told. */
const MAX_REASON = 500;
const DONE: Promise<void> = Promise.resolve();

/**
 * Opens a task inside the current frame: a new id, a longer path of tasks, a merged context.
 * @throws {ConfigError} `BR9001` when its info is wrong or changes who pays.
 */
export function openTask(guard: GuardRuntime, info: TaskInfo): OpenTask {
  return startTask(guard, checkTaskInfo(info));
}

/** The same for info that was checked already. */
export function startTask(guard: GuardRuntime, info: CheckedTaskInfo): FramedTask {
  const { name, input } = info;
  const { clock, ids } = guard.options;
  const id = ids.next();
  const outer = currentFrame();
  const frame = frameOf(id, info, outer);
  const running = guard.tasks.start(id, frame.context.org, guard.killSwitch.version);
  guard.sources.open(id, outer);
  const startedMs = clock.monotonicMs();
  let stated: SliOutcome | undefined;
  let reason: string | undefined;
  let isEnding = false;
  let ended: Promise<void> = DONE;

  /** At once, unless evaluators look at it. */
  function finish(end: TaskEnd): Promise<void> {
    guard.tasks.end(id);
    const sources = guard.sources.close(frame);
    const time = {
      durationMs: clock.monotonicMs() - startedMs,
      throttled: running.waits?.longest,
    };
    const judging =
      "error" in end || end.aborted === true
        ? undefined
        : guard.evaluations.judgeTask(frame, id, input, end.output, sources);
    if (judging !== undefined) {
      const judged = judging.then((failure) => tell(end, time, failure));
      judged.catch(ignore); // whoever ends a task need not wait to hear of evaluators
      return judged;
    }
    tell(end, time, undefined);
    return DONE;
  }

  function tell(
    end: TaskEnd,
    { durationMs, throttled }: Pick<EndedTask, "durationMs" | "throttled">,
    failure: Error | undefined,
  ): void {
    const error = failure ?? ("error" in end ? end.error : undefined);
    const guardError = error === undefined ? undefined : findGuardError(error);
    const outcome = stated ?? (failure === undefined ? outcomeOf(end, guardError) : "bad");
    const { costNanoUsd } = running;
    const { context } = frame;
    if (frame.purpose === "agent") {
      const atMs = heardAtMs(guard);
      const depth = depthOf(context);
      const endedBy = guardError;
      const task = { context, outcome, costNanoUsd, durationMs, depth, atMs, endedBy, throttled };
      guard.sli.recordTask(task);
    }
    guard.forgetTask(id, running);
    if (guard.emitter.has("task-ended")) {
      const event = { id, name, context, outcome, reason, costNanoUsd, durationMs };
      guard.emitter.emit("task-ended", event);
    }
    if (failure !== undefined) throw failure;
  }

  return {
    id,
    name,
    frame,
    wantsOutput: guard.evaluations.areAny && guard.evaluations.wantsTask(frame, id),
    fail: (why) => {
      if (stated === undefined && typeof why === "string") reason = why.slice(0, MAX_REASON);
      stated ??= "bad";
    },
    exclude: () => {
      stated ??= "excluded";
    },
    addSources: (given) => guard.sources.add(frame, given),
    run: (fn) => runInFrame(frame, fn),
    end: (end) => {
      if (isEnding) return ended; // also of a listener that hears of it just now
      isEnding = true;
      ended = finish(end ?? {});
      return ended;
    },
  };
}

function ignore(): void {}

/** When an indicator is counted; nobody asks where nobody is told. */
function heardAtMs({ sli, options }: GuardRuntime): number {
  return sli.isHeard ? options.clock.wallMs() : 0;
}

function frameOf(id: string, { context }: CheckedTaskInfo, outer: ContextFrame): ContextFrame {
  // Neither it nor its path is frozen: nobody outside gets hold of a frame.
  return {
    context:
      context === undefined
        ? withTask(outer.context, id)
        : extendContext(outer.context, { ...context, task: id }),
    tasks: outer.tasks.length === 0 ? [id] : [...outer.tasks, id],
    purpose: outer.purpose,
  };
}

/** The task of a framework run is mostly opened outside of everything: 0.1 µs less than a copy. */
function withTask(outer: CallContext, task: string): CallContext {
  return Object.freeze(outer === ROOT_FRAME.context ? { task } : { ...outer, task });
}

/** A refusal that ends a task makes it bad; a caller's own abort says nothing about it. */
function outcomeOf(end: TaskEnd, guardError: GuardError | undefined): SliOutcome {
  if (end.aborted === true) return "excluded";
  if (!("error" in end)) return "good";
  if (guardError !== undefined) return "bad";
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
  return agent === undefined ? 0 : agent.split("/").length - 1;
}
