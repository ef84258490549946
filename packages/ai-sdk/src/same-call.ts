import { AsyncLocalStorage } from "node:async_hooks";
import type { Permit } from "@burnrate/core";
import { type ClaimKey, takeClaim, withClaim } from "@burnrate/core/adapter";

/** What a framework, and most middlewares, hand on as it is. */
interface Kept {
  readonly headers?: unknown;
  readonly prompt?: unknown;
  readonly values?: unknown;
  readonly messages?: unknown;
}

/** Where a hook sees a call: telemetry is always outermost, and is not shown the request itself. */
export type SeenBy = "request" | "telemetry";

const SENT: unique symbol = Symbol.for("burnrate.ai-sdk.sent.v1") as never;
const shared = globalThis as { [SENT]?: AsyncLocalStorage<Kept> };

/**
 * The request that the hook around this one sent, for all copies of this package. A middleware
 * between them may ask the same model something of its own, which is another call: it has none of
 * what the framework hands on.
 */
shared[SENT] ??= new AsyncLocalStorage();
const sent: AsyncLocalStorage<Kept> = shared[SENT];

/** Sends a request with a claim for hooks further inside that see the same one. */
export function sendWithClaim<T>(key: ClaimKey, permit: Permit, params: Kept, send: () => T): T {
  return withClaim(key, permit, () => sent.run(params, send));
}

/** Takes over the permit of the hook around this one, if that one sees the same request. */
export function takeOuter(
  guard: object,
  name: string,
  params: Kept,
  by: SeenBy,
): Permit | undefined {
  const around = sent.getStore();
  if (around === undefined) return undefined;
  const outer = isSame(around, params) ? takeClaim(claimKey(guard, name, by)) : undefined;
  if (outer !== undefined || by === "telemetry") return outer;
  return takeClaim(claimKey(guard, name, "telemetry"));
}

/** What a hook's claim is known by. */
export function claimKey(guard: object, name: string, by: SeenBy): ClaimKey {
  return { guard, kind: "model", name: by === "request" ? name : `telemetry ${name}` };
}

/** Whether two hooks see one request; where nothing can be told of it, it may be. */
function isSame(outer: Kept, inner: Kept): boolean {
  let canBeTold = false;
  for (const name of ["headers", "prompt", "values", "messages"] as const) {
    const kept = inner[name];
    if (typeof kept !== "object" || kept === null) continue;
    if (kept === outer[name]) return true;
    canBeTold = true;
  }
  return !canBeTold;
}
