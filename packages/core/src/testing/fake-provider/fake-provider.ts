import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Behaviour } from "./behaviour.ts";
import { type BehaviourScript, createBehaviourChoice } from "./behaviour-choice.ts";
import { type ModelRates, rateTable } from "./billing.ts";
import { openExchange } from "./exchange.ts";
import type { LedgerFilter, LedgerTotals } from "./ledger-totals.ts";
import type { ProviderState } from "./model-request.ts";
import { type Pause, pauseInRealTime } from "./pause.ts";
import type { ProviderRequest } from "./provider-request.ts";
import { createRequestLedger } from "./request-ledger.ts";
import { route } from "./router.ts";
import { createWaiters } from "./waiters.ts";

/** Options of {@link startFakeProvider}. */
export interface FakeProviderOptions {
  /** Added to `DEFAULT_RATES`. A model without rates is answered with 404. */
  readonly rates?: Readonly<Record<string, ModelRates>>;
  /** How many rows `requests` keeps; totals count every request. Default 1,000. */
  readonly keepRequests?: number;
  /** Waits between chunks. Default: real time, where 0 ms yields to the event loop. */
  readonly pause?: Pause;
}

/** A model provider on loopback that keeps books of what it would have billed. */
export interface FakeProvider extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1`, for `baseURL`. */
  readonly url: string;
  /** The newest requests, oldest first. Rows of requests in flight still grow. */
  readonly requests: readonly ProviderRequest[];
  totals(filter?: LedgerFilter): LedgerTotals;
  /** By label; requests without one are under `(none)`. */
  totalsByAgent(): Readonly<Record<string, LedgerTotals>>;
  billedNanoUsd(filter?: LedgerFilter): number;
  requestCount(filter?: LedgerFilter): number;
  /** A function, or a list that is used up in order. Default replies follow. */
  script(script: readonly Behaviour[] | BehaviourScript): void;
  /** Queues a behaviour for one request; comes before `forModel` and `script`. */
  next(behaviour: Behaviour): void;
  /** Every request for this model, before `script`. */
  forModel(model: string, behaviour: Behaviour): void;
  /**
   * Resolves when that many requests were accepted or refused since the start or the last reset.
   */
  waitForRequests(count: number): Promise<void>;
  /** Resolves when no request is in flight, so that the books are final. */
  idle(): Promise<void>;
  /** Empties books and script. */
  reset(): void;
  /** Cuts what is in flight and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts the one fake provider of all tests, the demo and the benchmarks: an OpenAI-compatible
 * server (`/chat/completions`, `/embeddings`, `/models`) whose ledger is the truth that ours is
 * checked against. Input is billed when a request is accepted, output as it is generated, errors
 * never.
 * @throws RangeError when a rate is not a whole number of nano-dollars.
 * @example
 * await using provider = await startFakeProvider();
 * provider.next({ kind: "reply", text: "hello", reasoningTokens: 20 });
 * await fetch(`${provider.url}/chat/completions`, { method: "POST", body, headers });
 * provider.billedNanoUsd({ agent: "support" });
 */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const choice = createBehaviourChoice();
  const waiters = createWaiters();
  let rows = 0;
  const ledger = createRequestLedger(options.keepRequests ?? 1000, () => {
    rows += 1;
    waiters.check();
  });
  let arrived = 0;
  let inFlight = 0;
  let closing: Promise<void> | undefined;

  const state: ProviderState = {
    rates: rateTable(options.rates),
    ledger,
    choice,
    pause: options.pause ?? pauseInRealTime,
    nextNumber() {
      arrived += 1;
      return arrived;
    },
    isClosing: () => closing !== undefined,
  };

  const server = createServer(async (request, response) => {
    const exchange = openExchange(request, response);
    inFlight += 1;
    try {
      await route(state, exchange);
    } catch {
      exchange.destroy();
    } finally {
      inFlight -= 1;
      waiters.check();
    }
  });
  const url = await listen(server);
  const totals = (filter?: LedgerFilter): LedgerTotals => ledger.totals(filter);
  const close = async (): Promise<void> => {
    closing ??= stop(server);
    await closing;
    await waiters.until(() => inFlight === 0);
  };

  return {
    url,
    get requests() {
      return ledger.rows();
    },
    totals,
    totalsByAgent: () => ledger.totalsByAgent(),
    billedNanoUsd: (filter) => totals(filter).billedNanoUsd,
    requestCount: (filter) => totals(filter).requests,
    script: choice.script,
    next: choice.next,
    forModel: choice.forModel,
    waitForRequests: (count) => waiters.until(() => rows >= count),
    idle: () => waiters.until(() => inFlight === 0),
    reset() {
      arrived = 0;
      rows = 0;
      ledger.reset();
      choice.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Connections that may wait to be accepted: tests begin thousands at once. */
const BACKLOG = 4_096;

async function listen(server: Server): Promise<string> {
  server.keepAliveTimeout = 0; // an idle connection closed under a slow test would be a random failure
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1", backlog: BACKLOG }, resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
