import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { KillEntry, NewKillEntry } from "../kill/kill-log.ts";
import { inTime, LATE, LOG_MS } from "../ports/in-time.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/**
 * Writes a line that is not urgent to the kill log.
 * @throws {StoreUnavailableError} `BR8001` when the log does not answer in time; whatever else it
 *   throws.
 */
export async function appendInTime(
  { options, killSwitch }: Pick<GuardRuntime, "options" | "killSwitch">,
  entry: NewKillEntry,
): Promise<KillEntry> {
  const logged = await inTime(options.clock, LOG_MS, () => killSwitch.append(entry));
  if (logged !== LATE) return logged;
  throw new StoreUnavailableError({
    message: `it did not answer within ${LOG_MS / 1_000} s`,
    scope: "store",
  });
}
