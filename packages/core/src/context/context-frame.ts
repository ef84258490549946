import { AsyncLocalStorage } from "node:async_hooks";
import type { CallPurpose } from "../call/call-record.ts";
import { checkFunction } from "../config/check-object.ts";
import type { CallContext } from "./call-context.ts";
import type { Claim } from "./claim.ts";

/** The context and what encloses it: plain data, so that installed copies can share it. */
export interface ContextFrame {
  readonly context: CallContext;
  /** Ids of the tasks around this point, outermost first; the last one is the context's. */
  readonly tasks: readonly string[];
  readonly purpose: CallPurpose;
}

/**
 * What the storage holds: the frame, and what hooks around this point have left for those inside.
 * One storage for all of it, because entering one costs 0.2 µs.
 */
interface Place extends ContextFrame {
  readonly claim?: Claim | undefined;
  readonly note?: object | undefined;
}

/** Outside of everything. */
export const ROOT_FRAME: ContextFrame = Object.freeze({
  context: Object.freeze({}),
  tasks: Object.freeze([]),
  purpose: "agent",
});

const STORAGE_KEY: unique symbol = Symbol.for("burnrate.context.v1") as never;
const holder = globalThis as { [STORAGE_KEY]?: AsyncLocalStorage<Place> };
holder[STORAGE_KEY] ??= new AsyncLocalStorage<Place>();
const storage: AsyncLocalStorage<Place> = holder[STORAGE_KEY];

/** The frame here and now. */
export function currentFrame(): ContextFrame {
  return storage.getStore() ?? ROOT_FRAME;
}

/** The claim of the hook around this point. */
export function currentClaim(): Claim | undefined {
  return storage.getStore()?.claim;
}

/** The note of the hook around this point. */
export function currentNote(): object | undefined {
  return storage.getStore()?.note;
}

/**
 * Runs `fn`, and everything that it starts, in a frame; claim and note around this point stay.
 * @throws {ConfigError} `BR9001` when `fn` is no function.
 */
export function runInFrame<T>(frame: ContextFrame, fn: () => T): T {
  checkFunction("fn", fn);
  return enter(joinTask(frame), currentClaim(), fn);
}

/**
 * Runs `fn`, and everything that it starts, in a frame and under a claim, or under none. The note
 * around this point stays, unless there is another.
 */
export function enter<T>(
  frame: ContextFrame,
  claim: Claim | undefined,
  fn: () => T,
  note: object | undefined = currentNote(),
): T {
  const place: Place = frame;
  if (place.claim === claim && place.note === note) return storage.run(place, fn);
  const { context, tasks, purpose } = frame;
  return storage.run({ context, tasks, purpose, claim, note }, fn);
}

/** The same out of sight of every hook around this point: under no claim, and with no note. */
export function enterApart<T>({ context, tasks, purpose }: ContextFrame, fn: () => T): T {
  return storage.run({ context, tasks, purpose }, fn);
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
