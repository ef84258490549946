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

/** Who holds which circuits of a guard open: its breaker knows but the latest word of each. */
const holdsOfGuards = new WeakMap<Guard, Set<Hold>>();

/**
 * Opens a circuit and keeps it open until everybody who wants it so has let go; resolves to the
 * function that lets go. What a person forced in the meantime, or before, stays.
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
    const { by } = options;
    const others = [...holds].filter((other) => other.options.by === by);
    if (others.some((other) => other.circuit === circuit)) return;
    const why = { reason: "the objective is well again", by, isOwn: true };
    await guard.breaker.reset(circuit, why);
    const isReset = compileGlob(circuit);
    for (const other of others) {
      if (isReset(other.circuit)) await guard.breaker.forceOpen(other.circuit, other.options);
    }
  };
}
