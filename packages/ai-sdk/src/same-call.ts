import type { Permit } from "@burnrate/core";
import { type ClaimKey, claimedRequest, takeClaim } from "@burnrate/core/adapter";
import { isRewritten } from "./same-prompt.ts";

/** What a framework, and most middlewares, hand on as it is. */
interface Kept {
  readonly headers?: unknown;
  readonly prompt?: unknown;
  readonly values?: unknown;
  readonly messages?: unknown;
}

/**
 * On what a hook sends: the request that the outermost one got. A copy keeps it, whatever a
 * middleware changes there; `streamText` of `ai` 7 makes no headers that could tell as much.
 */
export const REQUEST: unique symbol = Symbol.for("burnrate.request");

/** The request as the outermost hook got it. */
export function requestOf(params: object): object {
  return (params as { readonly [REQUEST]?: object })[REQUEST] ?? params;
}

/** Where a hook sees a call: telemetry is always outermost, and is not shown the request itself. */
export type SeenBy = "request" | "telemetry";

/**
 * Takes over the permit of the hook around this one, if that one sees the same request. A
 * middleware between them may ask the same model something of its own, which is another call: it
 * has none of what the framework hands on.
 */
export function takeOuter(
  guard: object,
  name: string,
  params: Kept,
  by: SeenBy,
): Permit | undefined {
  const around = claimedRequest();
  if (around === undefined) return undefined;
  const outer = isSame(around, params) ? takeClaim(claimKey(guard, name, by, params)) : undefined;
  if (outer !== undefined || by === "telemetry") return outer;
  return takeClaim(claimKey(guard, name, "telemetry", params));
}

/** What a hook's claim is known by. */
export function claimKey(guard: object, name: string, by: SeenBy, request: object): ClaimKey {
  return { guard, kind: "model", name: by === "request" ? name : `telemetry ${name}`, request };
}

/** Whether two hooks see one request; where nothing can be told of it, it may be. */
function isSame(outer: Kept, inner: Kept): boolean {
  if (requestOf(outer) === requestOf(inner)) return true;
  let canBeTold = false;
  for (const name of ["headers", "prompt", "values", "messages"] as const) {
    const kept = inner[name];
    if (typeof kept !== "object" || kept === null) continue;
    if (kept === outer[name]) return true;
    if (name === "prompt" && isRewritten(outer[name], kept)) return true;
    canBeTold = true;
  }
  return !canBeTold;
}
