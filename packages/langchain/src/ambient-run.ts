import { AsyncLocalStorage } from "node:async_hooks";
import { isObject, read, readText } from "./shape.ts";

/** LangChain's own context of the run in progress; the symbols are how its copies share it. */
const STORAGE = Symbol.for("ls:tracing_async_local_storage");
const CONFIG = Symbol.for("lc:child_config");

/** Who listens to the LangChain run here and now. */
export interface AmbientRun {
  readonly runId: string | undefined;
  readonly handlers: readonly unknown[];
  /** The signal of the run's caller. */
  readonly signal: unknown;
}

/**
 * The run around a hook, where LangChain does not hand it over: to middleware, to tool callbacks.
 */
export function ambientRun(): AmbientRun {
  const config = ambientConfig();
  const callbacks = read(config, "callbacks");
  const signal = read(config, "signal");
  if (Array.isArray(callbacks)) return { runId: undefined, handlers: callbacks, signal };
  const handlers = read(callbacks, "handlers");
  return {
    runId: readText(callbacks, "_parentRunId"),
    handlers: Array.isArray(handlers) ? handlers : [],
    signal,
  };
}

/** The id of the run around a hook. */
export function ambientRunId(): string | undefined {
  const callbacks = read(ambientConfig(), "callbacks");
  return Array.isArray(callbacks) ? undefined : readText(callbacks, "_parentRunId");
}

/** Whether a stream was started inside of a run: LangChain leaves its own context for each part. */
const streamedInside = new AsyncLocalStorage<boolean>();

/** Whether something of LangChain's is around: a graph, a tool, a function of a chain. */
export function isInsideRun(): boolean {
  return streamedInside.getStore() === true || ambientConfig() !== undefined;
}

/** Starts a stream that remembers what is around it; LangChain's own options have this limit. */
export function startStream<T>(options: unknown, start: () => T): T {
  if (streamedInside.getStore() !== undefined) return start();
  const isInside = isInsideRun() || read(options, "recursionLimit") !== undefined;
  return streamedInside.run(isInside, start);
}

/** Passes on a stream that a chain makes, which may be anywhere: it is taken for one in a run. */
export function insideStream(parts: AsyncIterator<unknown>): AsyncIterableIterator<unknown> {
  return {
    next: () => streamedInside.run(true, () => parts.next()),
    return: async (value) => parts.return?.(value) ?? { done: true, value },
    throw: async (error) => {
      if (parts.throw === undefined) throw error;
      return parts.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * Adds a listener to the run here and now, for what is called in it from now on; not where one is
 * there that is as good. The run's configuration is its own: LangGraph makes one for each node.
 */
export function listenHere(listener: object, isAsGood: (handler: object) => boolean): void {
  const config = ambientConfig();
  if (!isObject(config)) return;
  const { handlers } = ambientRun();
  if (handlers.some((handler) => isObject(handler) && isAsGood(handler))) return;
  const callbacks = read(config, "callbacks");
  const add = read(callbacks, "addHandler");
  if (typeof add === "function") add.call(callbacks, listener, true);
  else Reflect.set(config, "callbacks", [...handlers, listener]);
}

let known: Storage | undefined;

interface Storage {
  getStore(): unknown;
}

/** LangChain makes its storage once, and keeps it. */
function langChainStorage(): Storage | undefined {
  if (known !== undefined) return known;
  const found = read(globalThis, STORAGE);
  if (typeof read(found, "getStore") === "function") known = found as Storage;
  return known;
}

function ambientConfig(): unknown {
  const store = langChainStorage()?.getStore();
  return store === undefined ? undefined : read(read(store, "extra"), CONFIG);
}
