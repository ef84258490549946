import type { Endpoint } from "./accepted-call.ts";
import type { AcceptingBehaviour, Behaviour } from "./behaviour.ts";
import type { BehaviourChoice } from "./behaviour-choice.ts";
import type { ModelRates } from "./billing.ts";
import type { Exchange } from "./exchange.ts";
import type { Pause } from "./pause.ts";
import { describeRequest, type ReceivedRequest } from "./received-request.ts";
import { RefusedRequest } from "./refused-request.ts";
import { readJsonObject } from "./request-body.ts";
import type { Bill, RequestLedger } from "./request-ledger.ts";

/** What all requests to one provider share. */
export interface ProviderState {
  readonly rates: ReadonlyMap<string, ModelRates>;
  readonly ledger: RequestLedger;
  readonly choice: BehaviourChoice;
  readonly pause: Pause;
  /** Counts an arrival. */
  nextNumber(): number;
  isClosing(): boolean;
}

/** Takes a model call from its first byte to the last line of its bill. */
export async function handleModelRequest(
  state: ProviderState,
  exchange: Exchange,
  path: string,
  endpoint: Endpoint | undefined,
): Promise<void> {
  const { headers } = exchange.request;
  let request: ReceivedRequest | undefined;
  try {
    const body = await readJsonObject(exchange.request);
    request = describeRequest(state.nextNumber(), path, headers, body);
    await serve(state, exchange, request, endpoint);
  } catch (error) {
    if (exchange.signal.aborted || exchange.headersSent) return exchange.destroy();
    request ??= describeRequest(state.nextNumber(), path, headers);
    refuse(state, exchange, request, error);
  }
}

async function serve(
  state: ProviderState,
  exchange: Exchange,
  request: ReceivedRequest,
  endpoint: Endpoint | undefined,
): Promise<void> {
  const rates = state.rates.get(request.model);
  if (endpoint === undefined) throw new RefusedRequest(404, `There is no ${request.path}.`);
  const fault = endpoint.fault(request.body);
  if (fault !== undefined) throw new RefusedRequest(400, fault);
  if (rates === undefined) {
    const message = `The model '${request.model}' does not exist or has no rates.`;
    throw new RefusedRequest(404, message, "model_not_found");
  }
  const behaviour = accepting(state.choice.choose(request), request.stream);
  const input = endpoint.inputUsage(request.body, behaviour);
  const bill = state.ledger.accept(request, rates, {
    ...input,
    outputTokens: 0,
    reasoningTokens: 0,
  });
  await answer(state, exchange, bill, () =>
    endpoint.answer({ exchange, request, behaviour, bill, pause: state.pause }),
  );
}

/** Whatever the endpoint left open was ended by the client, or by a provider that shuts down. */
async function answer(
  state: ProviderState,
  exchange: Exchange,
  bill: Bill,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
    bill.finish(state.isClosing() ? "cut" : "client-closed");
  } catch {
    bill.finish("failed"); // a throwing `beforeChunk`: the test sees a broken connection
    exchange.destroy();
  }
}

/** @throws RefusedRequest when the behaviour is an HTTP error. */
function accepting(behaviour: Behaviour, stream: boolean): AcceptingBehaviour {
  if (behaviour.kind === "fail") {
    throw new RefusedRequest(behaviour.status, behaviour.message ?? "A scripted failure.");
  }
  if (behaviour.kind === "rate-limit") {
    throw new RefusedRequest(429, "Rate limit reached.", "rate_limit_exceeded", {
      "retry-after": String(behaviour.retryAfterSeconds),
    });
  }
  if (behaviour.kind === "error-part" && !stream) {
    throw new RefusedRequest(500, behaviour.message ?? "A scripted failure.");
  }
  return behaviour;
}

function refuse(
  state: ProviderState,
  exchange: Exchange,
  request: ReceivedRequest,
  error: unknown,
): void {
  const refusal =
    error instanceof RefusedRequest ? error : new RefusedRequest(500, `The fake: ${String(error)}`);
  state.ledger.refuse(request, refusal.status);
  exchange.json(refusal.status, refusal.body(), refusal.headers);
}
