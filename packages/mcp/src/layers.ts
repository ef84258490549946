import type { Guard } from "@burnrate/core";
import type { CheckedOptions } from "./check-options.ts";

/** A guard, and how it was asked to look at something. */
export interface Layer {
  readonly guard: Guard;
  readonly options: CheckedOptions;
}

/** What guarded things are made of, inner guards first: a guard must not count a call twice. */
export interface Layers<T extends object> {
  /** Puts a guard around something; where it was around it already, the newer options hold. */
  add(wrapped: T, layer: Layer): T;
}

/** Remembers what was wrapped in what; `wrap` puts one guard around something. */
export function createLayers<T extends object>(wrap: (inner: T, layer: Layer) => T): Layers<T> {
  const known = new WeakMap<T, { readonly bare: T; readonly layers: readonly Layer[] }>();

  function addLayer(inner: T, layer: Layer): T {
    const outer = wrap(inner, layer);
    const below = known.get(inner);
    known.set(outer, { bare: below?.bare ?? inner, layers: [...(below?.layers ?? []), layer] });
    return outer;
  }

  /** The same without this guard, if it is there somewhere; other guards stay around it. */
  function withoutGuard(wrapped: T, guard: Guard): T {
    const parts = known.get(wrapped);
    const others = parts?.layers.filter((layer) => layer.guard !== guard);
    if (parts === undefined || others?.length === parts.layers.length) return wrapped;
    return (others ?? []).reduce(addLayer, parts.bare);
  }

  return { add: (wrapped, layer) => addLayer(withoutGuard(wrapped, layer.guard), layer) };
}
