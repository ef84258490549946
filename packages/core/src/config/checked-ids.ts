import type { Ids } from "../ports/ids.ts";
import { optionError } from "./option-error.ts";

/**
 * Puts a check behind an `ids` port that was handed in, because an id that is no string would be
 * held against the wrong call or task.
 * @throws {ConfigError} `BR9001` from `next`, when the port throws or returns anything but a
 *   string; a kill then takes an id of our own.
 */
export function checkedIds(ids: Ids): Ids {
  return {
    next() {
      let id: unknown;
      try {
        id = ids.next();
      } catch {
        id = undefined;
      }
      if (typeof id === "string" && id !== "") return id;
      if (id instanceof Promise) id.catch(() => {}); // ours to hear, or it would end the process
      throw optionError("ids.next", id, "a function that returns a non-empty string each time");
    },
  };
}
