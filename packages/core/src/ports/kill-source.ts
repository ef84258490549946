import type { KillLevel, KillTarget } from "../kill/kill-scope.ts";

/** A kill that comes from outside: a file, a variable of the environment, a control plane. */
export interface SourcedKill {
  /** Unique in its source. */
  readonly id: string;
  readonly target: KillTarget;
  readonly level: KillLevel;
  readonly reason: string;
  readonly by: string;
}

/**
 * Somewhere else that can pull the kill switch of this process, for when everything else is down.
 * It asks nobody (not the store, not `authorize`), and reaches no other process.
 */
export interface KillSource {
  readonly name: string;
  /**
   * Says at once, and whenever it changes, which kills are in force; those that it does not name
   * any more are taken back. Returns a function that stops it.
   */
  watch(onKills: (kills: readonly SourcedKill[]) => void): () => void;
}
