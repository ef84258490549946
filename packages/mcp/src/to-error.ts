import { type GuardError, isGuardError, type Permit } from "@burnrate/core";
import { read } from "./shape.ts";

/** JSON-RPC codes of generation 1, which servers may also use for errors of their own. */
const V1_CONNECTION_CLOSED = -32_000;
const V1_REQUEST_TIMEOUT = -32_001;

/** The refusal for which a permit's signal fired; undefined when it did not, or for the caller. */
export function cutReason(permit: Permit): GuardError | undefined {
  if (!permit.signal.aborted) return undefined;
  const reason: unknown = permit.signal.reason;
  return isGuardError(reason) ? reason : undefined;
}

/**
 * Tells the guard what an error of the SDK means. Both generations use one code for a time-out and
 * for a cancellation, so the caller's signal decides; the application still gets the original.
 */
export function toFailure(error: unknown, caller: AbortSignal | undefined): unknown {
  if (caller?.aborted === true) return named("AbortError");
  if (isTimeout(error)) return named("TimeoutError");
  if (isConnectionLoss(error)) return Object.assign(named("Error"), { code: "ECONNRESET" });
  return error;
}

function isTimeout(error: unknown): boolean {
  const code = read(error, "code");
  if (code === "REQUEST_TIMEOUT") return true;
  return code === V1_REQUEST_TIMEOUT && read(error, "name") === "McpError";
}

function isConnectionLoss(error: unknown): boolean {
  const code = read(error, "code");
  const message = read(error, "message");
  if (code === "CONNECTION_CLOSED" || code === "NOT_CONNECTED") return true;
  if (code === V1_CONNECTION_CLOSED) return message === "MCP error -32000: Connection closed";
  return message === "Not connected";
}

function named(name: string): Error {
  return Object.assign(new Error("The tool call did not end with an answer."), { name });
}
