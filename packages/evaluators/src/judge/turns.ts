import { abandoned } from "./judge-error.ts";

/** Lets a few callers work at a time; the rest wait in order. */
export interface Turns {
  /**
   * Resolves to what gives the turn back, or to undefined when too many wait already.
   * @throws {JudgeError} `aborted` when the signal fires first.
   */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

const MAX_WAITING = 1_000;

/** Makes `places` turns; at most 1,000 callers wait. */
export function createTurns(places: number): Turns {
  let free = places;
  const waiting = new Set<() => void>();
  const giveBack = (): void => {
    const [next] = waiting;
    if (next === undefined) free++;
    else next();
  };
  const once = (): (() => void) => {
    let held = true;
    return () => {
      if (held) giveBack();
      held = false;
    };
  };
  return {
    async take(signal) {
      if (free > 0) {
        free--;
        return once();
      }
      if (waiting.size >= MAX_WAITING) return undefined;
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(enter);
          reject(abandoned());
        };
        const enter = (): void => {
          waiting.delete(enter);
          signal.removeEventListener("abort", leave);
          resolve();
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.add(enter);
      });
      return once();
    },
  };
}
