import { memberOf } from "./member.ts";

/**
 * The same object with some members replaced; its own methods stay bound to it. A proxy may not
 * answer differently for a property that is fixed; such an object stands behind it.
 */
export function behind<T extends object>(object: T, replacement: (key: PropertyKey) => unknown): T {
  return new Proxy<T>(hasFixedProperty(object) ? standIn(object) : object, {
    get: (_, key) => replacement(key) ?? memberOf(object, key),
  });
}

function standIn<T extends object>(object: T): T {
  if (typeof object !== "function") return Object.create(object);
  const call = (...args: unknown[]): unknown => Reflect.apply(object, undefined, args);
  return Object.setPrototypeOf(call, object);
}

function hasFixedProperty(object: object): boolean {
  const own = Object.values(Object.getOwnPropertyDescriptors(object));
  return own.some(({ configurable }) => configurable === false);
}
