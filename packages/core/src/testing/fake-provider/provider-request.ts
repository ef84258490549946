import type { BilledUsage } from "./billing.ts";
import type { ReceivedRequest } from "./received-request.ts";

/**
 * How a request ended. `completed`: answered in full. `client-closed`: the client left early.
 * `cut`: the provider destroyed the connection. `failed`: a 5xx, an error part or a malformed
 * answer. `rejected`: a 4xx.
 */
export type RequestOutcome =
  | "in-flight"
  | "completed"
  | "client-closed"
  | "cut"
  | "failed"
  | "rejected";

/** One row of the provider's own books: what it would have put on the invoice. */
export interface ProviderRequest extends Omit<ReceivedRequest, "number" | "body" | "bodyBytes"> {
  /** Grows while the request is in flight. */
  readonly usage: BilledUsage;
  /** Input from the moment of acceptance, output as it is generated. */
  readonly billedNanoUsd: number;
  /** 0 as long as nothing was answered. */
  readonly status: number;
  readonly outcome: RequestOutcome;
  /** Whether the answer said what was used. */
  readonly usageReported: boolean;
  /** `undefined` when the body is over 64 KB. */
  readonly receivedBody: Readonly<Record<string, unknown>> | undefined;
}
