import type { KilledError } from "../errors/killed-error.ts";

/** Under this name a guard's `killed` carries whether any kill is in force, for all copies of core. */
const ANY: unique symbol = Symbol.for("burnrate.any-kills.v1") as never;

type Killed = () => KilledError | undefined;

/** `killed`, and whether there is anything to look for. */
export interface KilledLook extends Killed {
  readonly [ANY]: () => boolean;
}

/** Adds to a guard's `killed` whether any kill is in force. */
export function withAnyKills(killed: Killed, any: () => boolean): KilledLook {
  return Object.assign(killed, { [ANY]: any });
}

/**
 * Whether any kill is in force, for hooks that would have to enter a task to look for those that
 * cover it. What is no guard of core's cannot say, and may have some.
 */
export function anyKills({ killed }: { readonly killed: Killed }): boolean {
  return (killed as Partial<KilledLook>)[ANY]?.() ?? true;
}
