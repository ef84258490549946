import { readFileSync, readlinkSync } from "node:fs";
import { uptime } from "node:os";
import { systemClock } from "../../ports/clock.ts";

/** The clock may be set a little while a machine runs, and a machine takes longer to start again. */
const BOOT_TOLERANCE_S = 30;

/** Which process wrote something. Processes are numbered anew in each container. */
export interface ProcessMark {
  /** The machine since it was started: a name, or where there is none, when that was (Unix s). */
  readonly boot: string | number;
  /** Where the number counts; empty where there is only one such place. */
  readonly space: string;
  readonly pid: number;
}

/** The mark of this process. */
export function markOfThis(): ProcessMark {
  return { boot: bootOfThis(), space: spaceOfThis(), pid: process.pid };
}

/**
 * Whether both ran on one machine, and it was not started in between: then nothing that was written
 * to a file has been lost.
 */
export function isSameBoot({ boot: one }: ProcessMark, { boot: other }: ProcessMark): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return Math.abs(one - other) <= BOOT_TOLERANCE_S;
}

/** Whether a process of the same boot has surely ended; false where that cannot be known. */
export function isGone(mark: ProcessMark, own: ProcessMark): boolean {
  if (mark.space !== own.space) return false;
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  return isZombie(mark.pid);
}

/**
 * Whether only its number is left, because its parent never asks how it ended. The first process of
 * a container takes in those whose parent has died, and is often no program that asks.
 */
function isZombie(pid: number): boolean {
  try {
    if (readlinkSync("/proc/self") !== String(process.pid)) return false; // it counts elsewhere
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8"); // `123 (any name) Z …`
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

function bootOfThis(): string | number {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return Math.round(systemClock.wallMs() / 1_000 - uptime());
  }
}

function spaceOfThis(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
