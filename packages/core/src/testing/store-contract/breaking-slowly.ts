import type { Ledger } from "../../ledger/ledger.ts";
import type { Store } from "../../ports/store.ts";
import type { BreakingLedger, CrashTrial } from "./options.ts";

/** Where the line to a slow store breaks: what was asked has not been done then, or has. */
const SLOW_STEPS = ["before it is asked", "before it answers"] as const;

/** A ledger that carries out what is under way when the line breaks. */
export type LastDeeds = (sound: Ledger) => Partial<Ledger>;

/**
 * Breaks the line to a slow store, which does all that it was asked unless it is said otherwise.
 */
export function breakingSlowly(open: () => Store, lastDeeds: LastDeeds = () => ({})): CrashTrial {
  return { steps: SLOW_STEPS, open: (step) => breaking(open().ledger, step, lastDeeds) };
}

function breaking(sound: Ledger, step: string, lastDeeds: LastDeeds): BreakingLedger {
  const last: Ledger = { ...sound, ...lastDeeds(sound) };
  let state: "sound" | "armed" | "broken" = "sound";
  const ask =
    <G extends unknown[], R>(method: (...given: G) => R, lastMethod: (...given: G) => R) =>
    async (...given: G): Promise<Awaited<R>> => {
      if (state === "sound") return await method(...given);
      const isArmed = state === "armed";
      state = "broken";
      if (isArmed && step === "before it answers") await lastMethod(...given);
      throw new Error("the line is cut");
    };
  const ledger: Ledger = {
    ...sound,
    reserve: ask(sound.reserve, last.reserve),
    settle: ask(sound.settle, last.settle),
    lease: ask(sound.lease, last.lease),
    returnLeases: ask(sound.returnLeases, last.returnLeases),
    charge: ask(sound.charge, last.charge),
  };
  return {
    ledger,
    breakNext: () => {
      state = "armed";
    },
    hasBroken: () => state === "broken",
  };
}
