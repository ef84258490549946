import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { createIds } from "../ports/ids.ts";

/**
 * An id for a kill that no kill in force has. A switch must work whatever else is broken: when the
 * `ids` option throws, or repeats itself, the id comes from our own source.
 */
export function newKillId({ options, killSwitch }: GuardRuntime): string {
  const own = createIds().next();
  try {
    const id = options.ids.next();
    return killSwitch.find(id) === undefined ? id : `${id}-${own}`;
  } catch {
    return own;
  }
}
