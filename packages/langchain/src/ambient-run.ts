import { isObject, read, readText } from "./shape.ts";

/** LangChain's own context of the run in progress; the symbols are how its copies share it. */
const STORAGE = Symbol.for("ls:tracing_async_local_storage");
const CONFIG = Symbol.for("lc:child_config");

/** Who listens to the LangChain run here and now. */
export interface AmbientRun {
  readonly runId: string | undefined;
  readonly handlers: readonly unknown[];
}

/** The run around a middleware hook, which LangChain does not hand to middleware. */
export function ambientRun(): AmbientRun {
  const storage = read(globalThis, STORAGE);
  const getStore = read(storage, "getStore");
  const store = typeof getStore === "function" ? getStore.call(storage) : undefined;
  const callbacks = read(read(read(store, "extra"), CONFIG), "callbacks");
  if (Array.isArray(callbacks)) return { runId: undefined, handlers: callbacks };
  const handlers = read(callbacks, "handlers");
  return {
    runId: isObject(callbacks) ? readText(callbacks, "_parentRunId") : undefined,
    handlers: Array.isArray(handlers) ? handlers : [],
  };
}
