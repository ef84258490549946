type Members = Readonly<Record<PropertyKey, unknown>>;

// Weak in functions, too: a proxy of somebody else's may make one anew whenever it is read.
const bound = new WeakMap<object, WeakMap<object, unknown>>();

/**
 * A member of an object, as what stands in for it gives it out: methods stay bound to the object,
 * where their private fields are.
 */
export function memberOf(object: object, key: PropertyKey): unknown {
  const value = (object as Members)[key];
  if (typeof value !== "function" || key === "constructor") return value;
  let methods = bound.get(object);
  if (methods === undefined) {
    methods = new WeakMap();
    bound.set(object, methods);
  }
  let method = methods.get(value);
  if (method === undefined) {
    method = value.bind(object);
    methods.set(value, method);
  }
  return method;
}
