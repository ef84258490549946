import type { Guard } from "@burnrate/core";
import { stateOf } from "./guard-state.ts";

/** Options that nobody gave: one object, since what is wrapped is remembered by its options. */
export const NO_OPTIONS: Readonly<Record<never, never>> = Object.freeze({});

/** What stands behind something guarded. */
export interface Wrapped<O extends object> {
  readonly target: object;
  readonly options: O;
}

/** What a guard has wrapped already, and how: by what was given, and by what came back. */
export interface Wrappings {
  readonly originals: WeakMap<object, Wrapped<object>>;
  readonly byOptions: WeakMap<object, WeakMap<object, object>>;
}

/** What each wrapper, whosever guard's, was put around. */
const behind = new WeakMap<object, object>();

/** Whether this guard sees a value's calls already, be it behind wrappers of other guards. */
export function isWrapped(guard: Guard, value: object): boolean {
  const { originals } = stateOf(guard).wrappings;
  for (let at: object | undefined = value; at !== undefined; at = behind.get(at)) {
    if (originals.has(at)) return true;
  }
  return false;
}

/** Whether a value is the wrapper of any guard. */
export function isWrapper(value: object): boolean {
  return behind.has(value);
}

/** What stands behind a wrapper of this guard; undefined for what it has not wrapped. */
export function originalOf<O extends object>(guard: Guard, value: unknown): Wrapped<O> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return stateOf(guard).wrappings.originals.get(value) as Wrapped<O> | undefined;
}

/** Wraps something, or gives the wrapper that was made for it and the same options before. */
export function wrapOnce<T extends object, O extends object>(
  guard: Guard,
  value: T,
  options: O,
  wrap: () => { readonly wrapper: T } & Wrapped<O>,
): T {
  const { byOptions, originals } = stateOf(guard).wrappings;
  let known = byOptions.get(options);
  if (known === undefined) {
    known = new WeakMap();
    byOptions.set(options, known);
  }
  const found = known.get(value);
  if (found !== undefined) return found as T;
  const { wrapper, ...wrapped } = wrap();
  known.set(value, wrapper);
  originals.set(wrapper, wrapped);
  behind.set(wrapper, wrapped.target);
  return wrapper;
}
