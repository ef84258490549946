import type { KillSource } from "@burnrate/core";
import { readKill } from "./read-kill.ts";

/** The variable that starts a process killed. */
const VARIABLE = "BURNRATE_KILL";
const OFF: ReadonlySet<string> = new Set(["", "0", "false", "off", "no"]);

/** A process that is started with `BURNRATE_KILL` set begins killed, and stays so. */
export function environmentKill(environment: NodeJS.ProcessEnv = process.env): KillSource {
  return {
    name: "environment",
    watch(onKills) {
      const value = environment[VARIABLE];
      if (value !== undefined && !OFF.has(value.trim().toLowerCase())) {
        onKills([readKill(value, VARIABLE, VARIABLE)]);
      }
      return () => {};
    },
  };
}
