import type { MaybePromise } from "./maybe-promise.ts";

/** A change that someone wants to make to what is allowed. */
export interface ControlAction {
  readonly action: "kill" | "revive" | "set-budget";
  /** The kill's target, the kill's id, or the budget's id. */
  readonly target: unknown;
  readonly reason: string;
  readonly by: string;
}

/** Says who may pull which switch. False, or an error, refuses. */
export type Authorize = (action: ControlAction) => MaybePromise<boolean>;

/** Keeps who changed what, and why. */
export interface AuditSink {
  append(entry: ControlAction & { readonly atMs: number }): MaybePromise<void>;
}
