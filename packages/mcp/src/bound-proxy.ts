type Method = (...args: unknown[]) => unknown;

/** What stands in for some properties of an object; undefined leaves a property as it is. */
export type Replacement = (key: PropertyKey, value: unknown) => unknown;

/**
 * Shows an object with some properties replaced. Methods are bound to the object itself, so that
 * they work detached and what they call on themselves is not guarded a second time. A proxy may not
 * answer differently for a property that is fixed; such an object stands behind it.
 */
export function boundProxy<T extends object>(target: T, replace: Replacement): T {
  const replaced = new Map<PropertyKey, { readonly from: unknown; readonly to: unknown }>();
  // A wrapper or spy that someone puts around a guarded method calls it: on the target it would be
  // called by it, too.
  const overridden = new Map<PropertyKey, PropertyDescriptor>();
  const isReplaced = (key: PropertyKey): boolean => {
    return replace(key, Reflect.get(target, key, target)) !== undefined;
  };
  return new Proxy<T>(hasFixedProperty(target) ? Object.create(target) : target, {
    get(_, key, receiver) {
      const own = overridden.get(key);
      if (own !== undefined) return own.get === undefined ? own.value : own.get.call(receiver);
      const from: unknown = Reflect.get(target, key, target);
      const known = replaced.get(key);
      if (known !== undefined && known.from === from) return known.to;
      const to = replace(key, from) ?? bind(target, key, from);
      if (to !== from) replaced.set(key, { from, to });
      return to;
    },
    set(_, key, value) {
      if (!isReplaced(key)) return Reflect.set(target, key, value);
      overridden.set(key, { value });
      return true;
    },
    defineProperty(_, key, descriptor) {
      if (!isReplaced(key)) return Reflect.defineProperty(target, key, descriptor);
      overridden.set(key, descriptor);
      return true;
    },
    deleteProperty(_, key) {
      return overridden.delete(key) || Reflect.deleteProperty(target, key);
    },
  });
}

function hasFixedProperty(object: object): boolean {
  const own = Object.values(Object.getOwnPropertyDescriptors(object));
  return own.some(({ configurable }) => configurable === false);
}

/** Functions that the application itself put on the object keep their identity. */
function bind(target: object, key: PropertyKey, value: unknown): unknown {
  if (typeof value !== "function" || key === "constructor" || Object.hasOwn(target, key)) {
    return value;
  }
  return (value as Method).bind(target);
}
