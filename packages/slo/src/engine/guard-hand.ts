import type { ActiveKill, Guard, KillTarget } from "@burnrate/core";
import type { ObjectiveAction } from "../objective/action.ts";
import { MINUTE_MS } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { holdOpen } from "./hold-open.ts";

const MIN_LEASE_MS = 10 * MINUTE_MS;

/** Why and when something is done to a guard. */
export interface GripOptions {
  readonly reason: string;
  readonly nowMs: number;
  /** How long it outlives a process that died. */
  readonly leaseMs: number;
}

/** Something that was done to a guard and can be taken back. */
export interface Grip {
  /** Epoch ms at which it must be done again to go on; undefined when it lasts. */
  readonly renewAtMs: number | undefined;
  /** Id of the kill, which a person may revive. */
  readonly killId: string | undefined;
  release(): Promise<void>;
}

const ACTOR = "burnrate-slo:";

/** The name by which a guard knows an objective. */
export function actorOf(objective: Objective): string {
  return ACTOR + objective.name;
}

/** Whether it is that of an objective, of whatever engine or process. */
export function isActor(by: string | undefined): boolean {
  return by?.startsWith(ACTOR) === true;
}

/**
 * How long a throttle or an open circuit lasts that nobody renews. It is renewed at half, when
 * somebody looks: who looks rarely must hold on for longer.
 */
export function leaseOf(evaluateEveryMs: number): number {
  return Math.max(MIN_LEASE_MS, 3 * evaluateEveryMs);
}

/**
 * Does an action to a guard. What a process did and cannot take back, because it died, ends by
 * itself after its lease; a kill stays, and is found again by who pulled it.
 */
export async function grip(
  guard: Guard,
  objective: Objective,
  action: ObjectiveAction,
  { reason, nowMs, leaseMs }: GripOptions,
): Promise<Grip> {
  const by = actorOf(objective);
  const target = targetOf(objective);
  switch (action.do) {
    case "throttle": {
      const kill = { reason, by, level: "throttle", ttlMs: leaseMs } as const;
      const { id } = await guard.kill(target, kill);
      return {
        renewAtMs: nowMs + leaseMs / 2,
        killId: undefined,
        release: () => lift(guard, id, by),
      };
    }
    case "kill": {
      const [known] = killsOf(guard, objective);
      const { id } = known ?? (await guard.kill(target, { reason, by, level: "stop" }));
      return { renewAtMs: undefined, killId: id, release: async () => {} };
    }
    case "open-breaker": {
      const options = { reason, by, ttlMs: leaseMs };
      const release = await holdOpen(guard, action.target as string, options);
      return { renewAtMs: nowMs + leaseMs / 2, killId: undefined, release };
    }
    default:
      return { renewAtMs: undefined, killId: undefined, release: async () => {} };
  }
}

/** What this objective killed, in whatever process. */
export function killsOf(guard: Guard, objective: Objective): readonly ActiveKill[] {
  return guard.kills().filter((kill) => isKillOf(kill, objective));
}

/** Whether this objective killed so, in whatever process. */
export function isKillOf({ by, level }: ActiveKill, objective: Objective): boolean {
  return by === actorOf(objective) && level !== "throttle";
}

/** A kill that ended by itself, or that somebody revived, is what was wanted. */
async function lift(guard: Guard, id: string, by: string): Promise<void> {
  if (!guard.kills().some((kill) => kill.id === id)) return;
  await guard.revive(id, { reason: "the objective is well again", by });
}

/** What a guard's kills and downgrades cover for an objective. */
export function targetOf({ match }: Objective): KillTarget {
  return Object.keys(match).length === 0 ? "everything" : match;
}
