import { isNeverSent } from "./never-sent.ts";
import { read } from "./shape.ts";
import type { ToolCall } from "./to-call.ts";

/** JSON-RPC codes of generation 1, which servers may also use for errors of their own. */
const V1_CONNECTION_CLOSED = -32_000;
const V1_REQUEST_TIMEOUT = -32_001;
/** What the SDK itself says of a time-out; servers give the code a sense of their own. */
const V1_TIMED_OUT = /^MCP error -32001: (Request timed out|Maximum total timeout exceeded)$/;
const V1_HTTP = "Streamable HTTP error: ";
/** SDK 1.20, and the SSE transport of every version, have the status in their words alone. */
const HTTP_IN_WORDS = /^Error POSTing to endpoint \(HTTP (\d{3})\)/;
const V1_NO_TOOLS = "Server does not support tools";

/**
 * The server looked at the headers of a modern request and did not run it; the client lists its
 * tools anew and tries once more. Generation 2 exports it as `HEADER_MISMATCH_ERROR_CODE`.
 */
const HEADER_MISMATCH = -32_020;

/** Statuses that say to the guard what was billed: nothing, or perhaps everything. */
const NEVER_RUN = 400;
const UNAUTHORIZED = 401;
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

/**
 * Tells the guard what an error of the SDK means. Both generations use one code for a time-out and
 * for a cancellation, so the caller's signal decides; the application still gets the original.
 */
export function toFailure(
  error: unknown,
  { caller, params }: Pick<ToolCall, "caller" | "params">,
): unknown {
  if (isNeverSent(error)) return refusedInside(error);
  if (caller?.aborted === true) return failure({ name: "AbortError" });
  if (isTimeout(error)) return failure({ name: "TimeoutError" });
  if (isConnectionLoss(error)) return failure({ code: "ECONNRESET" });
  if (isLocal(error, params) || isHeaderMismatch(error)) return failure({ status: NEVER_RUN });
  const status = httpStatus(error);
  return status === undefined ? error : failure({ status });
}

/** Tells the guard that another one, further inside, refused the call: nothing was sent. */
export function refusedInside(refusal?: unknown): Error {
  return Object.assign(failure({ status: NEVER_RUN }), { cause: refusal });
}

/** Tells the guard what an error that the server answered with means. */
export function toServerFailure(error: unknown): Error {
  return failure(read(error, "code") === HEADER_MISMATCH ? { status: NEVER_RUN } : {});
}

/** As generation 2 throws it; nothing else sends such headers. */
function isHeaderMismatch(error: unknown): boolean {
  return read(error, "name") === "ProtocolError" && read(error, "code") === HEADER_MISMATCH;
}

/**
 * The SDK could not write the call down, or knew that the server would not take it. Told by the
 * error's name, too: code and message of a `McpError` or `ProtocolError` are the server's.
 */
function isLocal(error: unknown, params: unknown): boolean {
  switch (read(error, "name")) {
    case "SdkError":
      return read(error, "code") === "CAPABILITY_NOT_SUPPORTED";
    case "Error":
      return saysFirst(error, V1_NO_TOOLS);
    case "TypeError":
      return !isSerialisable(params);
    default:
      return false;
  }
}

function isSerialisable(params: unknown): boolean {
  try {
    JSON.stringify(params);
    return true;
  } catch {
    return false;
  }
}

function isTimeout(error: unknown): boolean {
  if (read(error, "code") === "REQUEST_TIMEOUT") return true;
  const message = read(error, "message");
  return mayBeGivenUp(error) && typeof message === "string" && V1_TIMED_OUT.test(message);
}

/** Whether it may be generation 1 that gave up, by itself or for the caller. */
function mayBeGivenUp(error: unknown): boolean {
  return read(error, "code") === V1_REQUEST_TIMEOUT && read(error, "name") === "McpError";
}

/** Whether the connection went away, by the words of either SDK. */
export function isConnectionLoss(error: unknown): boolean {
  const code = read(error, "code");
  const message = read(error, "message");
  if (code === "CONNECTION_CLOSED" || code === "NOT_CONNECTED") return true;
  if (code === V1_CONNECTION_CLOSED) return message === "MCP error -32000: Connection closed";
  return code === undefined && message === "Not connected";
}

/** Whether the server answered a request, with an error or with what the SDK cannot take. */
export function isAnswered(error: unknown): boolean {
  switch (read(error, "name")) {
    case "McpError":
      return !mayBeGivenUp(error) && !isConnectionLoss(error);
    case "ProtocolError":
    case "ZodError":
    case "$ZodError":
      return true;
    default:
      return false;
  }
}

/**
 * The HTTP status that a transport of either generation reports; a server's own errors have none.
 */
function httpStatus(error: unknown): number | undefined {
  const status = read(error, "name") === "Error" ? v1Status(error) : namedStatus(error);
  if (typeof status !== "number" || !(status >= 400 && status <= 599)) return undefined;
  // A server that broke down may have run the tool before.
  return status < 500 || status === GATEWAY_TIMEOUT ? status : BAD_GATEWAY;
}

/** Errors of generation 1 have no names of their own. */
function v1Status(error: unknown): unknown {
  const message = read(error, "message");
  if (message === "Unauthorized") return UNAUTHORIZED;
  if (saysFirst(error, V1_HTTP)) return read(error, "code");
  const said = typeof message === "string" ? HTTP_IN_WORDS.exec(message)?.[1] : undefined;
  return said === undefined ? namedStatus(error) : Number(said);
}

function namedStatus(error: unknown): unknown {
  if (read(error, "name") === "UnauthorizedError") return UNAUTHORIZED;
  return read(error, "status") ?? read(error, "statusCode"); // the latter in `@ai-sdk/mcp`
}

function saysFirst(error: unknown, start: string): boolean {
  const message = read(error, "message");
  return typeof message === "string" && message.startsWith(start);
}

/**
 * What a client gives as its reason when it cancels a call because of a time-out, its own or that
 * of the caller's `AbortSignal.timeout`.
 */
const TIMED_OUT = /^TimeoutError\b|Request timed out|Maximum total timeout exceeded/;

/** Tells the guard why a client gave up on a call, by the reason that it tells the server. */
export function toCancellation(reason: unknown): Error {
  const said =
    typeof reason === "string" ? [reason] : [read(reason, "name"), read(reason, "message")];
  const timedOut = said.some((text) => typeof text === "string" && TIMED_OUT.test(text));
  return failure({ name: timedOut ? "TimeoutError" : "AbortError" });
}

/** An error of which the guard learns nothing but this. */
export function failure(details: {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
}): Error {
  return Object.assign(new Error("The tool call did not end with an answer."), details);
}
