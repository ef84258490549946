import { AsyncLocalStorage } from "node:async_hooks";
import type { CallPurpose } from "../call/call-record.ts";
import type { CallContext } from "./call-context.ts";

/** The context and what encloses it: plain frozen data, so that installed copies can share it. */
export interface ContextFrame {
  readonly context: CallContext;
  /** Ids of the open tasks around this point, outermost first. */
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

/** Runs `fn`, and everything that it starts, in a frame. */
export function runInFrame<T>(frame: ContextFrame, fn: () => T): T {
  return storage.run(frame, fn);
}
