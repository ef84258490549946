import type { IncomingMessage, ServerResponse } from "node:http";

/** One HTTP request and its answer, with the client's departure as a promise. */
export interface Exchange {
  readonly request: IncomingMessage;
  /** Resolves when the connection or the answer is over, whoever ended it. */
  readonly closed: Promise<void>;
  /** Aborted at the same moment as `closed`. */
  readonly signal: AbortSignal;
  readonly headersSent: boolean;
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** Resolves when the text has left for the client, or the client has left. */
  send(text: string): Promise<void>;
  end(text: string): void;
  json(status: number, value: unknown, headers?: Readonly<Record<string, string>>): void;
  destroy(): void;
}

/** Wraps a request and its response. Errors of the socket end the exchange, nothing more. */
export function openExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const controller = new AbortController();
  const closed = new Promise<void>((resolve) => {
    response.once("close", () => {
      controller.abort();
      resolve();
    });
  });
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  return {
    request,
    closed,
    signal: controller.signal,
    get headersSent() {
      return response.headersSent;
    },
    head(status, headers) {
      response.writeHead(status, headers);
    },
    send(text) {
      const sent = new Promise<void>((resolve) => {
        response.write(text, () => resolve());
      });
      return Promise.race([sent, closed]);
    },
    end(text) {
      response.end(text);
    },
    json(status, value, headers = {}) {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    },
    destroy() {
      response.destroy();
    },
  };
}
