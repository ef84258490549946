import { isObject, type Loose, read } from "./shape.ts";

/**
 * What a transport must have to be guarded; those of both SDK generations and of `@ai-sdk/mcp` do.
 */
export interface McpTransport {
  start(...args: never[]): Promise<void>;
  send(...args: never[]): Promise<void>;
  close(...args: never[]): Promise<void>;
}

/** A JSON-RPC message of unknown making. */
export type Message = Loose;

/** Takes a message that came in. */
export type Deliver = (message: Message, extra?: unknown) => void;

/** What names a request of a client; the SDKs count numbers upwards. */
export type RequestId = string | number;

/** The id of a request; undefined for notifications and responses. */
export function requestId(message: Message): RequestId | undefined {
  const id = message["method"] === undefined ? undefined : message["id"];
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

/** Whether a message answers a request. */
export function isResponse(message: unknown): message is Message {
  if (!isObject(message) || message["method"] !== undefined) return false;
  return message["result"] !== undefined || message["error"] !== undefined;
}

/** Parameters that begin with this say who speaks which protocol: every modern message has them. */
const ENVELOPE = "io.modelcontextprotocol/";

/** What a modern client writes on each message; undefined in the legacy protocol. */
export function envelopeOf(params: unknown): Loose | undefined {
  const meta = read(params, "_meta");
  if (!isObject(meta)) return undefined;
  const entries = Object.entries(meta).filter(([key]) => key.startsWith(ENVELOPE));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The signal that a client hands down with a request, and under which name. */
export function signalOf(
  options: unknown,
): { readonly name: "requestSignal" | "signal"; readonly signal: AbortSignal } | undefined {
  for (const name of ["requestSignal", "signal"] as const) {
    const signal = read(options, name);
    if (signal instanceof AbortSignal) return { name, signal };
  }
  return undefined;
}

const ANSWERED_OUTSIDE = Symbol("burnrate.mcp.answered-outside");

/** Options for a guard further inside, whose refusals the one outside tells the client. */
export function answeredOutside(options: unknown): unknown {
  return isObject(options) ? { ...options, [ANSWERED_OUTSIDE]: true } : options;
}

/** Whether a guard further outside tells the client how a request ended. */
export function isAnsweredOutside(options: unknown): boolean {
  return isObject(options) && ANSWERED_OUTSIDE in options;
}

/**
 * Generation 1 keeps what it knows of a request whose `send` failed until the connection closes; an
 * answer makes it forget. The others forget at once, and report an answer as a stray one.
 * Generation 1 alone hands down these options and no `requestSignal`.
 */
export function remembersFailedSends(options: unknown): boolean {
  return isObject(options) && "onresumptiontoken" in options && !("requestSignal" in options);
}
