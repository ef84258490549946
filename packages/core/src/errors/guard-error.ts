import { escapeUnprintable } from "../config/describe.ts";

/** Stable codes of every refusal and fault that burnrate raises; `docs/errors.md` explains each. */
export type GuardErrorCode =
  | "BR1001"
  | "BR2001"
  | "BR2002"
  | "BR3001"
  | "BR3002"
  | "BR3003"
  | "BR4001"
  | "BR4002"
  | "BR4003"
  | "BR4004"
  | "BR5001"
  | "BR6001"
  | "BR7001"
  | "BR8001"
  | "BR9001";

/** Plain data about a refusal: numbers, names and remedies, never prompts, arguments or secrets. */
export type GuardErrorDetails = Readonly<Record<string, unknown>>;

/**
 * What every burnrate error is made from. `scope` names the budget, kill, tool or option at fault.
 */
export interface GuardErrorInit {
  readonly message: string;
  readonly scope?: string;
  readonly details?: GuardErrorDetails;
}

const MARKER = "burnrate.guard-error";

/**
 * Base of the one error family that burnrate throws, so that an application can tell our refusal
 * from a provider's failure with one check, however many copies of this package are installed.
 * `retryable` is always false: asking again without changing something gets the same answer. A
 * message is one line: a break in the name of a user or tool cannot forge another line of a log.
 */
export class GuardError extends Error {
  readonly code: GuardErrorCode;
  readonly retryable = false as const;
  readonly scope: string | undefined;
  readonly details: GuardErrorDetails;
  /** Where in the documentation this code is explained. */
  readonly docs: string;

  constructor(code: GuardErrorCode, init: GuardErrorInit) {
    super(`${code} ${escapeUnprintable(init.message)}`);
    Object.defineProperty(this, Symbol.for(MARKER), { value: true });
    this.name = new.target.name;
    this.code = code;
    this.scope = init.scope;
    this.details = init.details ?? {};
    this.docs = `docs/errors.md#${code.toLowerCase()}`;
  }
}

/**
 * Tells whether a value is a burnrate error itself (not merely caused by one), by marker rather
 * than `instanceof`, so that errors of another installed copy are recognised.
 */
export function isGuardError(value: unknown): value is GuardError {
  try {
    return typeof value === "object" && value !== null && readMarker(value) === true;
  } catch {
    return false; // a Proxy that throws is nobody's error
  }
}

function readMarker(value: object): unknown {
  return (value as Record<symbol, unknown>)[Symbol.for(MARKER)];
}
