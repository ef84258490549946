import type { Guard } from "@burnrate/core";
import { isObject, type Loose, read } from "./shape.ts";

/**
 * Guards that have begun a call already, written on its parameters by the hook around the client.
 * The SDKs carry it along: to the first request, to each round of one that needs input, and to a
 * second try. A symbol never reaches the wire, and no server or model can write one.
 */
const BEGUN = Symbol.for("burnrate.mcp.begun.v1");

/** Guards around a transport, read off it by the hook around the client. */
export const GUARDS: unique symbol = Symbol.for("burnrate.mcp.guards.v1") as never;

/** The guards around a transport, as far as it can be told. */
export function guardsAround(transport: unknown): readonly unknown[] {
  const guards = read(transport, GUARDS);
  return Array.isArray(guards) ? guards : [];
}

/**
 * Writes on our own copy of a call's parameters that a guarded transport need not begin it again.
 */
export function markBegun(params: unknown, guard: Guard, transport: unknown): void {
  if (!isObject(params) || !guardsAround(transport).includes(guard)) return;
  (params as Record<symbol, unknown>)[BEGUN] = [...begunBy(params), guard];
}

/** Whether the hook around the client has begun this call with the same guard. */
export function isBegun(params: unknown, guard: Guard): boolean {
  return begunBy(params).includes(guard);
}

/** Takes the mark off, where nobody below looks for it. */
export function withoutMark(params: Loose, transport: unknown): Loose {
  if (guardsAround(transport).length > 0 || !Object.hasOwn(params, BEGUN)) return params;
  const { [BEGUN]: _, ...plain } = params;
  return plain;
}

function begunBy(params: unknown): readonly unknown[] {
  const guards = read(params, BEGUN);
  return Array.isArray(guards) ? guards : [];
}
