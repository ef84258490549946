import { chatCompletions } from "./chat-completions.ts";
import { embeddings } from "./embeddings.ts";
import type { Exchange } from "./exchange.ts";
import { handleModelRequest, type ProviderState } from "./model-request.ts";
import { RefusedRequest } from "./refused-request.ts";

/** Sends a request to its endpoint; every path works with and without `/v1`. */
export async function route(state: ProviderState, exchange: Exchange): Promise<void> {
  const { method, url = "/" } = exchange.request;
  const path = pathOf(url);
  if (method === "POST") {
    const endpoint =
      path === "/chat/completions"
        ? chatCompletions
        : path === "/embeddings"
          ? embeddings
          : undefined;
    return handleModelRequest(state, exchange, path, endpoint);
  }
  exchange.request.resume();
  if (method === "GET" && path === "/models") return sendModels(state, exchange);
  if (method === "GET" && path === "/__ledger") return sendLedger(state, exchange);
  exchange.json(404, new RefusedRequest(404, `There is no ${method} ${path}.`).body());
}

function pathOf(url: string): string {
  const path = url.split("?", 1)[0] ?? "/";
  return path.startsWith("/v1/") ? path.slice("/v1".length) : path;
}

function sendModels({ rates }: ProviderState, exchange: Exchange): void {
  const data = [...rates.keys()].map((id) => ({
    id,
    object: "model",
    created: 0,
    owned_by: "fake",
  }));
  exchange.json(200, { object: "list", data });
}

/** The counters of a provider that runs in another process than the reader. */
function sendLedger({ ledger }: ProviderState, exchange: Exchange): void {
  exchange.json(200, { totals: ledger.totals(), agents: ledger.totalsByAgent() });
}
