import type { Clock } from "../ports/clock.ts";
import type { Fleet, KillAcknowledgement } from "../ports/fleet.ts";

/** Most processes that are remembered: the one that is first to be taken for dead makes room. */
const MAX_PROCESSES = 1_000;
/** Most kills whose acknowledgements are kept: the oldest makes room. */
const MAX_KILLS = 1_000;
const KEEP_MS = 600_000;

interface Acknowledged {
  readonly sinceMs: number;
  readonly byProcess: Map<string, KillAcknowledgement>;
}

/** The guards of one process that share a store, each a `process` of this fleet. */
export function createMemoryFleet(clock: Clock): Fleet {
  const deadlines = new Map<string, number>();
  const kills = new Map<string, Acknowledged>();

  function forgetTheDead(): void {
    const nowMs = clock.monotonicMs();
    for (const [process, deadline] of deadlines) {
      if (deadline <= nowMs) deadlines.delete(process);
    }
  }

  function makeRoomForProcess(): void {
    if (deadlines.size < MAX_PROCESSES) return;
    forgetTheDead();
    if (deadlines.size < MAX_PROCESSES) return;
    const [first] = [...deadlines].sort(([, a], [, b]) => a - b);
    if (first !== undefined) deadlines.delete(first[0]);
  }

  function makeRoomForKill(): void {
    const oldestMs = clock.monotonicMs() - KEEP_MS;
    for (const [id, { sinceMs }] of kills) {
      if (kills.size < MAX_KILLS && sinceMs > oldestMs) return;
      kills.delete(id);
    }
  }

  function acknowledgedOf(killId: string): Acknowledged {
    const known = kills.get(killId);
    if (known !== undefined) return known;
    makeRoomForKill();
    const fresh = { sinceMs: clock.monotonicMs(), byProcess: new Map() };
    kills.set(killId, fresh);
    return fresh;
  }

  return {
    beat(process, ttlMs) {
      if (!deadlines.has(process)) makeRoomForProcess();
      deadlines.set(process, clock.monotonicMs() + ttlMs);
    },
    leave(process) {
      deadlines.delete(process);
    },
    living() {
      forgetTheDead();
      return [...deadlines.keys()];
    },
    acknowledge({ killId, process, aborted }) {
      const { byProcess } = acknowledgedOf(killId);
      if (byProcess.has(process) || byProcess.size >= MAX_PROCESSES) return;
      byProcess.set(process, { killId, process, aborted });
    },
    acknowledgements: (killId) => [...(kills.get(killId)?.byProcess.values() ?? [])],
  };
}
