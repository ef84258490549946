import type { CallFailure, CallResult } from "./permit.ts";

/** How a call was ended by its hook. */
export type CallEnd =
  | { readonly kind: "settle"; readonly result: CallResult }
  | { readonly kind: "fail"; readonly error: unknown; readonly failure: CallFailure }
  | { readonly kind: "release" };

/** Where a call is in its life. `expired`: the sweeper ended it; a late settle corrects once. */
export type CallState = "pending" | "begun" | "dispatched" | "expired" | "unknown" | "ended";
