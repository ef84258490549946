/**
 * What adapters, stores and domain packages share with core beyond its public API: claims of
 * stacked hooks, checks of options with one wording, checked usage, exact decimals, globs, waits
 * that end. Not for applications: it may change with any version of core.
 */
export { checkTimeZone } from "./budget/check-window.ts";
export { compileGlob } from "./budget/glob.ts";
export { isForeignGlob } from "./budget/scope-field.ts";
export { startOfZoneDay, zoneDayAt } from "./budget/zone-day.ts";
export { beginAtOnce, isDone } from "./call/at-once.ts";
export { type CheckedUsage, checkUsage } from "./call/check-usage.ts";
export { cutReason } from "./call/cut-reason.ts";
export { killOf } from "./call/kill-of.ts";
export { providerFamily } from "./call/provider-family.ts";
export { retryAfterOf } from "./call/retry-after.ts";
export { checkModelKeys } from "./config/check-model-keys.ts";
export {
  checkArray,
  checkBoolean,
  checkFraction,
  checkFunction,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "./config/check-object.ts";
export { type ScaledDecimal, scaleDecimal } from "./config/decimal.ts";
export { quote } from "./config/describe.ts";
export { nearest } from "./config/nearest.ts";
export { choiceError, type OptionHints, optionError } from "./config/option-error.ts";
export { CONTEXT_FIELDS } from "./context/call-context.ts";
export {
  type ClaimKey,
  claimedRequest,
  takeClaim,
  withClaim,
  withoutClaim,
} from "./context/claim.ts";
export { currentNote, withNote } from "./context/note.ts";
export { HoldBack } from "./evaluate/hold-back.ts";
export { anyKills } from "./kill/any-kills.ts";
export { isWithinAgent } from "./kill/match-scope.ts";
export { toStorableKill } from "./kill/storable-kill.ts";
export {
  type BatchingLedgerOptions,
  createBatchingLedger,
  type LedgerMethod,
  type LedgerOperation,
} from "./ledger/batching-ledger.ts";
export { inTime, LATE } from "./ports/in-time.ts";
export { isPromise, type MaybePromise } from "./ports/maybe-promise.ts";
