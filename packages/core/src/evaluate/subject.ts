import type { CallRecord } from "../call/call-record.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { EvaluationInput } from "./evaluator.ts";

/** What is judged, and the frame that it happened in. */
export interface Subject extends Omit<EvaluationInput, "signal" | "context"> {
  readonly frame: ContextFrame;
  /** The call, while it has no record yet. */
  readonly call?: Pick<CallRecord, "id" | "name" | "model">;
  /** The caller's own signal: who waits for an inline verdict waits no longer than it says. */
  readonly caller?: AbortSignal | undefined;
}
