import type { GuardErrorCode, GuardErrorInit } from "../errors/guard-error.ts";

/** Codes that can refuse a call before it is sent. */
export type RefusalCode = Exclude<GuardErrorCode, "BR6001" | "BR9001">;

/**
 * A refusal as a value: stages return it, and only the edge turns it into a typed error.
 * `message` says what, which limit, how much, and how to change it.
 */
export interface Refusal extends GuardErrorInit {
  readonly code: RefusalCode;
  readonly scope: string;
}
