import type { CallContext } from "../context/call-context.ts";
import type { CallPurpose } from "./call-record.ts";

/** A call before it is sent, as gates and policies see it. */
export interface PendingCall {
  readonly id: string;
  readonly kind: "model" | "tool";
  readonly provider: string | undefined;
  readonly name: string;
  /** Canonical model id when the price book knows it. */
  readonly model: string | undefined;
  readonly purpose: CallPurpose;
  readonly context: CallContext;
  /** Ids of the open tasks around the call, outermost first. */
  readonly tasks: readonly string[];
  /** The provider as people know it: `openai` for `openai.chat`, as its prices name it if known. */
  readonly canonicalProvider: string | undefined;
  /** Whether the tool may be called twice without harm. */
  readonly idempotent: boolean;
  readonly input: unknown;
  readonly signal: AbortSignal | undefined;
}
