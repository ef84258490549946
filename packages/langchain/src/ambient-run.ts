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
  const storage = read(globalThis, STORAGE);
  const getStore = read(storage, "getStore");
  const store = typeof getStore === "function" ? getStore.call(storage) : undefined;
  const config = read(read(store, "extra"), CONFIG);
  const callbacks = read(config, "callbacks");
  const signal = read(config, "signal");
  if (Array.isArray(callbacks)) return { runId: undefined, handlers: callbacks, signal };
  const handlers = read(callbacks, "handlers");
  return {
    runId: isObject(callbacks) ? readText(callbacks, "_parentRunId") : undefined,
    handlers: Array.isArray(handlers) ? handlers : [],
    signal,
  };
}
