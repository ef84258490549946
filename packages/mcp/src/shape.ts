/** An object of unknown making, read without trusting any of it. */
export type Loose = Readonly<Record<PropertyKey, unknown>>;

/**
 * Both SDK generations and several copies of each are normal, so values are known by shape only.
 */
export function isObject(value: unknown): value is Loose {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** A property, or undefined when there is none or reading it throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined;
  try {
    return value[key];
  } catch {
    return undefined;
  }
}
