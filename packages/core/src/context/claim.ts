import { AsyncLocalStorage } from "node:async_hooks";
import type { Permit } from "../call/permit.ts";

/** What must agree for an inner hook to take over an outer hook's permit. */
export interface ClaimKey {
  /** The guard that both hooks use; compared by identity. */
  readonly guard: object;
  readonly kind: "model" | "tool";
  readonly name: string;
}

interface Claim extends ClaimKey {
  readonly permit: Permit;
  taken: boolean;
}

/**
 * One storage for all installed copies of this package, so that an adapter and the application may
 * each bring their own.
 */
const STORAGE_KEY: unique symbol = Symbol.for("burnrate.claim.v1") as never;
const holder = globalThis as { [STORAGE_KEY]?: AsyncLocalStorage<Claim | undefined> };
holder[STORAGE_KEY] ??= new AsyncLocalStorage<Claim | undefined>();
const storage: AsyncLocalStorage<Claim | undefined> = holder[STORAGE_KEY];

/**
 * Runs `fn` with a one-shot claim on a permit: the first hook inside that guards the same call
 * adopts the permit instead of reserving again, so that stacked hooks count once. A second match
 * is a new attempt (a retry, a fallback) and reserves for itself.
 */
export function withClaim<T>(key: ClaimKey, permit: Permit, fn: () => T): T {
  return storage.run({ ...key, permit, taken: false }, fn);
}

/** Adopts the permit of the hook around this one, if there is a claim on this very call. */
export function takeClaim(key: ClaimKey): Permit | undefined {
  const claim = storage.getStore();
  if (claim === undefined || claim.taken || claim.guard !== key.guard) return undefined;
  if (claim.kind !== key.kind || claim.name !== key.name) return undefined;
  claim.taken = true;
  return claim.permit;
}

/** Runs `fn` without any claim: what a tool calls inside is a call of its own. */
export function withoutClaim<T>(fn: () => T): T {
  return storage.getStore() === undefined ? fn() : storage.run(undefined, fn);
}
