import type { OutcomeClass } from "./outcome.ts";

/**
 * What an error says about the call: how it is counted, and whether the provider surely billed
 * nothing.
 */
export interface ClassifiedError {
  readonly outcome: OutcomeClass;
  /**
   * The provider answered with a status that it does not bill, or no connection to it came about.
   * Gateway and time-out statuses (408, 499, 502, 504) and connections that broke say nothing about
   * what happened behind them, so they count as billed.
   */
  readonly unbilled: boolean;
}

const MAX_DEPTH = 8;
const AMBIGUOUS_STATUSES: ReadonlySet<number> = new Set([408, 499, 502, 504]);
/** No connection came about, so nothing was sent. */
const UNCONNECTED_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // Node trusts no certificate that the other side showed, and says nothing to it.
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
/** Of sockets, and of Node's fetch where headers or the rest of an answer never came. */
const TIMEOUT_CODES: ReadonlySet<unknown> = new Set([
  "ETIMEDOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const BROKEN_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/**
 * Reads status, name and code from an error and from what it wraps, whatever library threw it.
 * Never throws, whatever it is given.
 */
export function classifyError(error: unknown): ClassifiedError {
  let current: unknown = error;
  let named: ClassifiedError | undefined;
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth++) {
    const status = readStatus(current);
    if (status !== undefined) return classifyStatus(status);
    named ??= classifyName(read(current, "name"), read(current, "code"));
    current = read(current, "cause") ?? read(current, "lastError");
  }
  return named ?? { outcome: "failed", unbilled: false };
}

function classifyStatus(status: number): ClassifiedError {
  return { outcome: outcomeOfStatus(status), unbilled: !AMBIGUOUS_STATUSES.has(status) };
}

function outcomeOfStatus(status: number): OutcomeClass {
  if (status === 429) return "rate-limited";
  if (status === 504) return "timeout";
  return status >= 500 ? "server-error" : "client-error";
}

function classifyName(name: unknown, code: unknown): ClassifiedError | undefined {
  if (name === "TimeoutError" || TIMEOUT_CODES.has(code)) {
    return { outcome: "timeout", unbilled: false };
  }
  if (name === "AbortError") return { outcome: "aborted", unbilled: false };
  if (typeof code !== "string") return undefined;
  const unbilled = UNCONNECTED_CODES.has(code);
  if (!unbilled && !BROKEN_CODES.has(code)) return undefined;
  return { outcome: "connection-error", unbilled };
}

function readStatus(error: object): number | undefined {
  const response = read(error, "response") ?? read(error, "httpResponse"); // Hugging Face
  const metadata = read(error, "$metadata");
  const candidates = [
    read(error, "statusCode"),
    read(error, "status"),
    read(error, "status_code"), // Ollama
    isObject(response) ? read(response, "status") : undefined,
    isObject(metadata) ? read(metadata, "httpStatusCode") : undefined, // AWS
  ];
  return candidates.find((value): value is number => {
    return Number.isInteger(value) && (value as number) >= 400 && (value as number) <= 599;
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
