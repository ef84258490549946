import { describe } from "../config/describe.ts";
import { ConfigError } from "../errors/config-error.ts";
import { inOwnWords } from "../errors/in-own-words.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { checkKillOptions, checkKillTarget, checkReason } from "../kill/check-kill.ts";
import type { KillEntry, NewKillEntry } from "../kill/kill-log.ts";
import type { KillOptions, KillReceipt, ReviveOptions } from "../kill/kill-options.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import { newKillId } from "../kill/new-kill-id.ts";
import { NOT_LOGGED } from "../kill/same-kill.ts";
import { appendInTime } from "./append-in-time.ts";
import { audit, authorize } from "./authorize-change.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { budgetNamed } from "./set-budget.ts";

const DEFAULT_ACK_TIMEOUT_MS = 1_000;

/** Pulls the switch: here first, then in the log, so that it works while the store is down. */
export async function kill(
  guard: GuardRuntime,
  target: KillTarget,
  given: KillOptions,
): Promise<KillReceipt> {
  const checked = checkKillTarget(target);
  if (checked !== "everything" && checked.budget !== undefined) {
    budgetNamed(guard, "kill.target.budget", checked.budget);
  }
  const { reason, by, level = "abort", ttlMs, ackTimeoutMs } = checkKillOptions(given);
  const { killSwitch } = guard;
  const id = newKillId(guard);
  const change = {
    action: "kill" as const,
    target: checked,
    killId: id,
    level,
    ...(ttlMs !== undefined && { ttlMs }),
    reason,
    by,
  };
  await authorize(guard, change);
  const atMs = Math.round(guard.nowMs());
  const expiresAtMs = ttlMs === undefined ? undefined : atMs + ttlMs;
  const entry = {
    kind: "kill" as const,
    id,
    target: checked,
    level,
    reason,
    by,
    atMs,
    expiresAtMs,
  };
  const aborted = killSwitch.arm(entry);
  guard.heldQueue.changed();
  guard.pacedQueue.changed();
  const timeoutMs = ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS;
  const logged = await append(guard, entry, timeoutMs);
  const answers = await guard.fleet.answersTo(id, aborted, timeoutMs);
  await audit(guard, change);
  return {
    id,
    epoch: logged?.epoch ?? NOT_LOGGED,
    durable: logged !== undefined && killSwitch.durable,
    aborted: answers.acks.reduce((sum, ack) => sum + ack.aborted, 0),
    ...answers,
  };
}

/**
 * Undefined when the log refuses or does not answer in time: the kill is in force here all the
 * same.
 */
function append(
  { killSwitch, counters, options }: GuardRuntime,
  entry: NewKillEntry,
  timeoutMs: number,
): Promise<KillEntry | undefined> {
  return new Promise((resolve) => {
    const late = (): void => {
      cancel();
      killSwitch.announce(entry.id);
      resolve(undefined);
    };
    const failed = (): void => {
      counters.settlementErrors++;
      late();
    };
    const cancel = options.clock.setTimer(late, timeoutMs);
    const appending = (async () => killSwitch.append(entry))();
    appending.then((logged) => {
      cancel();
      resolve(logged);
    }, failed);
  });
}

/**
 * Takes a kill back: in the log first, so that no process stays behind.
 * @throws {ConfigError} `BR9001` when no such kill is in force, or a kill source holds it.
 * @throws {StoreUnavailableError} `BR8001` when the log cannot take it; the kill stays.
 */
export async function revive(
  guard: GuardRuntime,
  killId: string,
  options: ReviveOptions,
): Promise<void> {
  const { reason, by } = checkReason("revive", options);
  const killed = guard.killSwitch.find(killId);
  if (killed === undefined) {
    throw new ConfigError({
      message: `no kill ${describe(killId)} is in force. guard.kills() lists those that are.`,
      scope: "revive",
    });
  }
  if (killed.source !== undefined) {
    throw new ConfigError({
      message: `kill ${describe(killId)} came from outside (${killed.source}) and ends there: remove the file or variable, or whatever names it.`,
      scope: "revive",
    });
  }
  const { target: killTarget, level } = killed;
  const change = {
    action: "revive" as const,
    target: killId,
    killId,
    killTarget,
    level,
    reason,
    by,
  };
  await authorize(guard, change);
  const atMs = Math.round(guard.nowMs());
  try {
    const entry = { kind: "revive" as const, id: killId, reason, by, atMs };
    guard.killSwitch.follow(await appendInTime(guard, entry));
  } catch (error) {
    throw new StoreUnavailableError({
      message: `the kill log did not take the revive${inOwnWords(error)}, so the kill stays (if it was taken all the same, every guard says so: "kill-revived"). Mend the store.`,
      scope: `kill:${killId}`,
    });
  }
  await audit(guard, change);
}
