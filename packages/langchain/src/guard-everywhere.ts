import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Guard } from "@burnrate/core";
import { checkArray, optionError } from "@burnrate/core/adapter";
import type { GuardCallback } from "./callback-handler.ts";
import { checkArguments } from "./check-options.ts";

import { guardCallback } from "./guard-callback.ts";
import { isObject, read } from "./shape.ts";
import { NO_OPTIONS } from "./wrap-once.ts";

/** Options of {@link guardEverywhere}. */
export interface GuardEverywhereOptions {
  /** Whether tool calls are guarded too. Default true. */
  readonly tools?: boolean;
  /** `CallbackManager` of further copies of `@langchain/core` that the application has. */
  readonly managers?: readonly object[];
}

const MANAGER = "@langchain/core/callbacks/manager";

/** Callback managers that LangChain configures, and what they are configured with. */
type Configure = (...args: unknown[]) => unknown;
interface Patch {
  readonly original: PropertyDescriptor;
  readonly patched: Configure;
  readonly callbacks: Set<GuardCallback>;
}
const patches = new WeakMap<object, Patch>();
interface Installed {
  readonly callback: GuardCallback;
  readonly managers: Set<object>;
  readonly undo: () => void;
}
const installed = new WeakMap<Guard, Installed>();

/**
 * Gives every call of LangChain in this process a {@link guardCallback}, without a change to the
 * code that makes it: for a program that one cannot change, or as a second line. It patches how the
 * copy of `@langchain/core` that this package resolves to configures callbacks, in its ES modules
 * and its CommonJS form; other copies are handed in as `managers`. The same guard is installed
 * once, with the options of the first time and all managers; several guards each see every call.
 *
 * It sees what callbacks see, and can do what they can: it sends no output limit and substitutes no
 * model. It does not cover embeddings, `streamEvents` of version 3 on a bare model, the requests
 * that a provider's client repeats, or copies of `@langchain/core` that it was not given.
 *
 * @returns A function that takes it back and restores what was patched; runs in progress end under
 * the guard that they began with.
 * @throws {ConfigError} `BR9001` for managers that are not LangChain's, or no list.
 *
 * @example
 * const undo = guardEverywhere(guard);
 */
export function guardEverywhere(
  guard: Guard,
  options: GuardEverywhereOptions = NO_OPTIONS,
): () => void {
  checkArguments("guardEverywhere", guard, options, ["tools", "managers"]);
  const managers = [...ownManagers(), ...checkManagers(options.managers)];
  const known = installed.get(guard) ?? install(guard, options.tools ?? true);
  for (const manager of managers) {
    known.managers.add(manager);
    patchFor(manager).callbacks.add(known.callback);
  }
  return known.undo;
}

function install(guard: Guard, tools: boolean): Installed {
  const managers = new Set<object>();
  const callback = guardCallback(guard, { tools });
  const undo = (): void => {
    if (installed.get(guard)?.undo !== undo) return;
    installed.delete(guard);
    for (const manager of managers) takeBack(manager, callback);
  };
  const made: Installed = { callback, managers, undo };
  installed.set(guard, made);
  return made;
}

/** The module system of the application is not known, so both forms are loaded. */
function ownManagers(): readonly object[] {
  const require = createRequire(import.meta.url);
  const paths = [MANAGER, fileURLToPath(import.meta.resolve(MANAGER))];
  return paths.map((path) => read(require(path), "CallbackManager")).filter(isObject);
}

function checkManagers(managers: unknown = []): readonly object[] {
  const path = "guardEverywhere.managers";
  const list = checkArray(path, managers);
  for (const manager of list) {
    if (typeof read(manager, "_configureSync") === "function") continue;
    throw optionError(path, manager, "classes `CallbackManager` of LangChain's");
  }
  return list as readonly object[];
}

function patchFor(manager: object): Patch {
  const known = patches.get(manager);
  if (known !== undefined) return known;
  const original = Object.getOwnPropertyDescriptor(manager, "_configureSync") as PropertyDescriptor;
  const callbacks = new Set<GuardCallback>();
  const patched: Configure = function (this: unknown, ...args) {
    const configure = original.value as Configure;
    if (callbacks.size === 0) return configure.apply(this, args);
    const [handlers, ...others] = args; // without any, LangChain drops tags and metadata
    return withCallbacks(configure.call(this, handlers ?? [], ...others), manager, callbacks);
  };
  Object.defineProperty(manager, "_configureSync", { ...original, value: patched });
  const patch = { original, patched, callbacks };
  patches.set(manager, patch);
  return patch;
}

interface Manager {
  readonly handlers: readonly unknown[];
  addHandler(handler: unknown, inherit: boolean): void;
}

/** What is configured is this run's own, so that it may be added to. */
function withCallbacks(
  configured: unknown,
  manager: object,
  callbacks: ReadonlySet<GuardCallback>,
): unknown {
  const made = (configured ?? new (manager as new () => Manager)()) as Manager;
  for (const callback of callbacks) {
    if (!made.handlers.includes(callback)) made.addHandler(callback, true);
  }
  return made;
}

/** Who patched the same after us keeps their patch; ours then has nothing left to add. */
function takeBack(manager: object, callback: GuardCallback): void {
  const patch = patches.get(manager);
  patch?.callbacks.delete(callback);
  if (patch === undefined || patch.callbacks.size > 0) return;
  if (read(manager, "_configureSync") !== patch.patched) return;
  Object.defineProperty(manager, "_configureSync", patch.original);
  patches.delete(manager);
}
