import type { AcceptingBehaviour } from "./behaviour.ts";
import type { BilledUsage } from "./billing.ts";
import type { Exchange } from "./exchange.ts";
import type { Pause } from "./pause.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Bill } from "./request-ledger.ts";

/** A request that was accepted: its input is billed and an endpoint has to answer it. */
export interface AcceptedCall {
  readonly exchange: Exchange;
  readonly request: ReceivedRequest;
  readonly behaviour: AcceptingBehaviour;
  readonly bill: Bill;
  readonly pause: Pause;
}

/** One kind of model call. */
export interface Endpoint {
  /** What is wrong with the request, for a 400. */
  fault(body: Readonly<Record<string, unknown>>): string | undefined;
  inputUsage(
    body: Readonly<Record<string, unknown>>,
    behaviour: AcceptingBehaviour,
  ): Pick<BilledUsage, "inputTokens" | "cacheReadTokens">;
  /** Returns early, leaving the bill open, when the client goes away. */
  answer(call: AcceptedCall): Promise<void>;
}
