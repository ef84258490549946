import type { Refusal, RefusalCode } from "../pipeline/refusal.ts";
import { ApprovalDeniedError } from "./approval-denied-error.ts";
import { ApprovalTimeoutError } from "./approval-timeout-error.ts";
import { BudgetExceededError } from "./budget-exceeded-error.ts";
import { CircuitOpenError } from "./circuit-open-error.ts";
import { ConcurrencyLimitedError } from "./concurrency-limited-error.ts";
import { DelegationDepthError } from "./delegation-depth-error.ts";
import type { GuardError, GuardErrorInit } from "./guard-error.ts";
import { KilledError } from "./killed-error.ts";
import { LoopDetectedError } from "./loop-detected-error.ts";
import { PolicyDeniedError } from "./policy-denied-error.ts";
import { RateLimitedError } from "./rate-limited-error.ts";
import { StoreUnavailableError } from "./store-unavailable-error.ts";
import { ToolQuarantinedError } from "./tool-quarantined-error.ts";
import { UnknownPriceError } from "./unknown-price-error.ts";

const CLASSES: Readonly<Record<RefusalCode, new (init: GuardErrorInit) => GuardError>> = {
  BR1001: KilledError,
  BR2001: BudgetExceededError,
  BR2002: UnknownPriceError,
  BR3001: PolicyDeniedError,
  BR3002: ApprovalDeniedError,
  BR3003: ApprovalTimeoutError,
  BR4001: RateLimitedError,
  BR4002: ConcurrencyLimitedError,
  BR4003: LoopDetectedError,
  BR4004: DelegationDepthError,
  BR5001: CircuitOpenError,
  BR7001: ToolQuarantinedError,
  BR8001: StoreUnavailableError,
};

/** Turns the pipeline's refusal value into the typed error that the application sees. */
export function errorFromRefusal(refusal: Refusal): GuardError {
  return new CLASSES[refusal.code](refusal);
}
