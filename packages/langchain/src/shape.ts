/** An object of unknown making, read without trusting any of it. */
export type Loose = Readonly<Record<PropertyKey, unknown>>;

/** Frameworks come in several copies and module systems, so values are known by shape only. */
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

/** A text that names something. */
export function readText(value: unknown, key: PropertyKey): string | undefined {
  const text = read(value, key);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/**
 * The numbers and texts of an object, without what throws on being read: for a second look at what
 * was read where it stands.
 */
export function readable(value: unknown): unknown {
  if (!isObject(value) || Array.isArray(value)) return value;
  return new Proxy({}, { get: (_, key) => readable(read(value, key)) });
}
