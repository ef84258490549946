/** A value now, or later: in-memory ports answer at once, so the call path needs no extra turn. */
export type MaybePromise<T> = T | Promise<T>;

/** Narrows a `MaybePromise` to its asynchronous half. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null | undefined)?.then === "function";
}
