import type { Guard } from "@burnrate/core";
import { compileGlob } from "@burnrate/core/adapter";

/** Who wants a circuit open, why, and how long at most. */
interface OpenOptions {
  readonly reason: string;
  readonly by: string;
  readonly ttlMs: number;
}

interface Hold {
  readonly circuit: string;
  readonly options: OpenOptions;
}

/** Who holds which circuits of a guard open: its breaker knows but the latest word. */
const holdsOfGuards = new WeakMap<Guard, Set<Hold>>();

/**
 * Opens a circuit and keeps it open until everybody who wants it so has let go; resolves to the
 * function that lets go.
 */
export async function holdOpen(
  guard: Guard,
  circuit: string,
  options: OpenOptions,
): Promise<() => Promise<void>> {
  const holds = holdsOfGuards.get(guard) ?? new Set<Hold>();
  holdsOfGuards.set(guard, holds);
  const hold = { circuit, options };
  holds.add(hold);
  try {
    await guard.breaker.forceOpen(circuit, options);
  } catch (error) {
    holds.delete(hold);
    throw error;
  }
  return async () => {
    holds.delete(hold);
    if ([...holds].some((other) => other.circuit === circuit)) return;
    await guard.breaker.reset(circuit, { reason: "the objective is well again", by: options.by });
    const isReset = compileGlob(circuit);
    for (const other of holds) {
      if (isReset(other.circuit)) await guard.breaker.forceOpen(other.circuit, other.options);
    }
  };
}
