import type { Permit } from "@burnrate/core";
import type { Method } from "./method.ts";
import type { CallParams } from "./sdk-types.ts";

/** Permits of hooks that cannot change a request: nobody has sent their limit and signal yet. */
const bare = new WeakSet<Permit>();

/** Remembers a permit whose hook cannot change the request. */
export function markBare(permit: Permit): void {
  bare.add(permit);
}

/** What an inner hook sends with a permit that it took over: where the outer one could not, its limits. */
export function adoptedParams<P extends CallParams>(
  params: P,
  permit: Permit,
  method: Pick<Method<P, unknown>, "toParams">,
): P {
  if (!bare.delete(permit)) return params;
  const { abortSignal } = params;
  const limited = method.toParams(params, permit);
  if (abortSignal === undefined) return limited;
  return { ...limited, abortSignal: AbortSignal.any([abortSignal, permit.signal]) };
}
