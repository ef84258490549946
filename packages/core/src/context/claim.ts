import type { Permit } from "../call/permit.ts";
import { type ContextFrame, currentClaim, currentFrame, enter } from "./context-frame.ts";

/** What must agree for an inner hook to take over an outer hook's permit. */
export interface ClaimKey {
  /** The guard that both hooks use; compared by identity. */
  readonly guard: object;
  readonly kind: "model" | "tool";
  readonly name: string;
  /** What the outer hook hands on, for hooks that tell a call by it; never compared here. */
  readonly request?: object | undefined;
}

/** An outer hook's permit, until an inner hook takes it over. */
export interface Claim extends ClaimKey {
  readonly permit: Permit;
  taken: boolean;
  /** The claim that was there before. */
  readonly outer: Claim | undefined;
}

/**
 * Runs `fn` with a one-shot claim on a permit: the first hook inside that guards the same call
 * adopts the permit instead of reserving again, so that stacked hooks count once. A second match
 * is a new attempt (a retry, a fallback) and reserves for itself. `fn` runs in the task that the
 * call was begun for.
 */
export function withClaim<T>(key: ClaimKey, permit: Permit, fn: () => T): T {
  const { guard, kind, name, request } = key;
  const outer = currentClaim();
  return enter(frameFor(permit), { guard, kind, name, request, permit, taken: false, outer }, fn);
}

/** What the nearest hook around this one hands on, whoever's it is; undefined where none says. */
export function claimedRequest(): object | undefined {
  let claim = currentClaim();
  while (claim !== undefined && claim.request === undefined) claim = claim.outer;
  return claim?.request;
}

/** Adopts the permit of the hook around this one, if there is a claim on this very call. */
export function takeClaim(key: ClaimKey): Permit | undefined {
  let claim = currentClaim();
  while (claim !== undefined && claim.guard !== key.guard && isSameCall(claim, key)) {
    claim = claim.outer; // another guard's hook stands between two of this one
  }
  if (claim === undefined || claim.taken || claim.guard !== key.guard) return undefined;
  if (!isSameCall(claim, key)) return undefined;
  claim.taken = true;
  return claim.permit;
}

function isSameCall(one: ClaimKey, other: ClaimKey): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Runs `fn` without any claim: what a tool calls inside is a call of its own. */
export function withoutClaim<T>(fn: () => T): T {
  return currentClaim() === undefined ? fn() : enter(currentFrame(), undefined, fn);
}

/** The frame here; outside of every task, that of the task which the permit's request named. */
function frameFor(permit: Permit): ContextFrame {
  const here = currentFrame();
  if (here.tasks.length > 0) return here;
  const begun = (permit as { readonly frame?: ContextFrame }).frame;
  return begun === undefined || begun.tasks.length === 0 ? here : begun;
}
