import { AsyncLocalStorage } from "node:async_hooks";
import type { CallPurpose } from "../call/call-record.ts";
import { checkFunction } from "../config/check-object.ts";
import type { CallContext } from "./call-context.ts";

/** The context and what encloses it: plain frozen data, so that installed copies can share it. */
export interface ContextFrame {
  readonly context: CallContext;
  /** Ids of the tasks around this point, outermost first; the last one is the context's. */
  readonly tasks: readonly string[];
  readonly purpose: CallPurpose;
}

/** Outside of everything. */
export const ROOT_FRAME: ContextFrame = Object.freeze({
  context: Object.freeze({}),
  tasks: Object.freeze([]),
  purpose: "agent",
});

const STORAGE_KEY: unique symbol = Symbol.for("burnrate.context.v1") as never;
const holder = globalThis as { [STORAGE_KEY]?: AsyncLocalStorage<ContextFrame> };
holder[STORAGE_KEY] ??= new AsyncLocalStorage<ContextFrame>();
const storage: AsyncLocalStorage<ContextFrame> = holder[STORAGE_KEY];

/** The frame here and now. */
export function currentFrame(): ContextFrame {
  return storage.getStore() ?? ROOT_FRAME;
}

/**
 * Runs `fn`, and everything that it starts, in a frame.
 * @throws {ConfigError} `BR9001` when `fn` is no function.
 */
export function runInFrame<T>(frame: ContextFrame, fn: () => T): T {
  checkFunction("fn", fn);
  return storage.run(joinTask(frame), fn);
}

/**
 * A context may name a task that this process did not open, because its parent process did: kills
 * and budgets of that task then cover what is done here too.
 */
function joinTask(frame: ContextFrame): ContextFrame {
  const { task } = frame.context;
  if (task === undefined || frame.tasks.includes(task)) return frame;
  return Object.freeze({ ...frame, tasks: Object.freeze([...frame.tasks, task]) });
}
