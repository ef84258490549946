import { quote } from "../config/describe.ts";
import { optionError } from "../config/option-error.ts";
import type { Clock } from "../ports/clock.ts";
import type { KillSource, SourcedKill } from "../ports/kill-source.ts";
import { checkKillOptions, checkKillTarget } from "./check-kill.ts";
import type { KillSwitch } from "./kill-switch.ts";

/**
 * Puts the kills of a source into force and takes those back that it names no more. A kill that
 * makes no sense stops everything: whoever wrote it meant to stop something.
 * @throws {ConfigError} `BR9001` when the source gives no function that stops it.
 */
export function followSource(source: KillSource, killSwitch: KillSwitch, clock: Clock): () => void {
  let inForce: readonly string[] = [];
  const stop: unknown = source.watch((kills) => {
    const named = kills.map((kill) => ({ ...kill, id: `${source.name}:${kill.id}` }));
    for (const kill of named) {
      if (inForce.includes(kill.id)) continue;
      const entry = { ...checked(kill), kind: "kill" as const, id: kill.id, source: source.name };
      killSwitch.arm({ ...entry, atMs: clock.wallMs(), expiresAtMs: undefined });
      killSwitch.announce(kill.id);
    }
    for (const id of inForce) {
      if (named.some((kill) => kill.id === id)) continue;
      killSwitch.disarm(id, source.name, clock.wallMs());
    }
    inForce = named.map(({ id }) => id);
  });
  if (stop instanceof Promise) stop.catch(() => {}); // ours to hear, or it would end the process
  if (typeof stop === "function") return () => stop();
  throw optionError(
    `killSources: ${quote(source.name)}.watch`,
    stop,
    "a function that returns, at once, the function that stops it",
  );
}

function checked({ target, level, reason, by }: SourcedKill): Omit<SourcedKill, "id"> {
  try {
    return { ...checkKillOptions({ level, reason, by }), level, target: checkKillTarget(target) };
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    return {
      target: "everything",
      level: "abort",
      reason: `a kill that cannot be understood stops everything: ${why}`,
      by: "burnrate",
    };
  }
}
